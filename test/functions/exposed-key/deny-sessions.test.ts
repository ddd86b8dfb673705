import { expect, test } from "vitest";
import { DENY_SESSIONS_POLICY } from "../../../functions/clients/access-keys.ts";
import { denySessions } from "../../../functions/exposed-key/deny-sessions/step.ts";
import { NOW } from "../support.ts";
import { exposedWorld, thrown, USER } from "./support.ts";

test("denies what was issued until IAM has the key inactive everywhere, by one policy however often", async () => {
  const world = exposedWorld();
  for (const before of [NOW, NOW, NOW + 5000]) {
    expect(await denySessions({ user: USER, before }, world)).toEqual({ done: "SESSIONS_DENIED" });
    expect([...(world.accessKeys.users.get(USER)?.inline ?? [])]).toEqual([[DENY_SESSIONS_POLICY, before + 60_000]]);
  }
});

test("a user who is not there is gone", async () => {
  expect(await denySessions({ user: "nobody", before: NOW }, exposedWorld())).toEqual({ done: "GONE" });
});

test("fails where IAM refuses", async () => {
  const world = exposedWorld();
  world.accessKeys.failing.set("denySessions", thrown("AccessDenied"));
  await expect(denySessions({ user: USER, before: NOW }, world)).rejects.toThrow("It says why.");
});
