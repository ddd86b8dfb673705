import { expect, test } from "vitest";
import { deleteKey } from "../../../functions/exposed-key/delete-key/step.ts";
import { exposedWorld, KEY, thrown, USER } from "./support.ts";

const given = { accessKeyId: KEY, user: USER };

test("deletes a key; once it is gone, that is the outcome", async () => {
  const world = exposedWorld();
  expect(await deleteKey(given, world)).toEqual({ done: "DELETED" });
  expect(world.accessKeys.users.get(USER)?.keys).toEqual([]);
  expect(await deleteKey(given, world)).toEqual({ done: "GONE" });
  expect(await deleteKey({ ...given, user: "nobody" }, world)).toEqual({ done: "GONE" });
});

test("fails where IAM refuses", async () => {
  const world = exposedWorld();
  world.accessKeys.failing.set("remove", thrown("AccessDenied"));
  await expect(deleteKey(given, world)).rejects.toThrow(expect.objectContaining({ name: "AccessDenied" }));
  expect(world.accessKeys.users.get(USER)?.keys).toHaveLength(1);
});
