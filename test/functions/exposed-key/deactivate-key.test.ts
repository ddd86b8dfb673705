import { expect, test } from "vitest";
import { deactivateKey } from "../../../functions/exposed-key/deactivate-key/step.ts";
import { exposedWorld, KEY, LOST_KEY, thrown, USER } from "./support.ts";

const given = { accessKeyId: KEY, user: USER };

test("makes a key inactive, and leaves it so", async () => {
  const world = exposedWorld();
  for (let times = 0; times < 2; times += 1) {
    expect(await deactivateKey(given, world)).toEqual({ done: "DEACTIVATED" });
    expect(world.accessKeys.users.get(USER)?.keys).toEqual([{ accessKeyId: KEY, isActive: false }]);
  }
});

test("a key that is not there, or whose user is not, is gone", async () => {
  const world = exposedWorld();
  expect(await deactivateKey({ ...given, accessKeyId: LOST_KEY }, world)).toEqual({ done: "GONE" });
  expect(await deactivateKey({ ...given, user: "nobody" }, world)).toEqual({ done: "GONE" });
  expect(world.accessKeys.users.get(USER)?.keys).toEqual([{ accessKeyId: KEY, isActive: true }]);
});

test("fails where IAM refuses", async () => {
  const world = exposedWorld();
  world.accessKeys.failing.set("deactivate", thrown("AccessDenied"));
  await expect(deactivateKey(given, world)).rejects.toThrow(expect.objectContaining({ name: "AccessDenied" }));
});
