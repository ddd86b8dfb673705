import { expect, test } from "vitest";
import type { KeyOwner } from "../../../functions/clients/access-keys.ts";
import { readKey } from "../../../functions/exposed-key/read-key/step.ts";
import { NOW } from "../support.ts";
import { exposedWorld, KEY, LOST_KEY, OTHER_KEY, thrown, USER } from "./support.ts";

test("a user's key is his, whoever else the event says that it is", async () => {
  const asked = { accessKeyId: KEY, claimedUser: "somebody" };
  expect(await readKey(asked, exposedWorld())).toEqual({ owner: "USER", user: USER });
});

test("its last use is told in one line, however long", async () => {
  const world = exposedWorld();
  world.accessKeys.lastUses.set(KEY, { at: NOW, service: `s3\n${"x".repeat(200)}`, region: "eu-west-1" });
  const { lastUse } = await readKey({ accessKeyId: KEY }, world);
  expect(lastUse).toEqual({ at: NOW, service: `s3?${"x".repeat(97)}`, region: "eu-west-1" });
});

test.each<[KeyOwner]>([[{ owner: "ROOT" }], [{ owner: "OTHERS", account: "111122223333" }], [{ owner: "OTHERS" }]])(
  "a key of somebody who is no user: %o",
  async (owner) => {
    const world = exposedWorld();
    world.accessKeys.strangers.set(OTHER_KEY, owner);
    expect(await readKey({ accessKeyId: OTHER_KEY }, world)).toEqual(owner);
  },
);

test("a key that AWS does not know is nobody's", async () => {
  expect(await readKey({ accessKeyId: LOST_KEY, claimedUser: USER }, exposedWorld())).toEqual({ owner: "NOBODY" });
});

test("a session's key is told by its form, without asking", async () => {
  const world = exposedWorld();
  world.accessKeys.failing.set("whose", thrown("AccessDenied"));
  expect(await readKey({ accessKeyId: "ASIAIOSFODNN7EXAMPLE" }, world)).toEqual({ owner: "TEMPORARY" });
});

test("fails where IAM does not say", async () => {
  const world = exposedWorld();
  world.accessKeys.failing.set("whose", thrown("AccessDenied"));
  await expect(readKey({ accessKeyId: KEY }, world)).rejects.toThrow("It says why.");
});
