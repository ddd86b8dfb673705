import { expect, test } from "vitest";
import { confirmGone } from "../../../functions/exposed-key/confirm-gone/step.ts";
import { exposedWorld, KEY, LOST_KEY, OTHER_KEY, thrown, USER } from "./support.ts";

const given = { accessKeyId: KEY, user: USER };

test("a key that is inactive, or gone, is confirmed", async () => {
  const world = exposedWorld();
  await world.accessKeys.deactivate(USER, KEY);
  expect(await confirmGone(given, world)).toEqual({ is: "INACTIVE", otherKeys: [], quarantine: [] });
  await world.accessKeys.remove(USER, KEY);
  expect(await confirmGone(given, world)).toEqual({ is: "GONE", otherKeys: [], quarantine: [] });
  world.accessKeys.users.delete(USER);
  expect(await confirmGone(given, world)).toEqual({ is: "GONE", otherKeys: [], quarantine: [] });
});

test("one that is active is not, and it is said how to shut it", async () => {
  const error = {
    name: "StillActive",
    message: expect.stringContaining("aws iam update-access-key --user-name deployer"),
  };
  await expect(confirmGone(given, exposedWorld())).rejects.toThrow(expect.objectContaining(error));
});

test("what IAM says that lags is not believed for good", async () => {
  const world = exposedWorld();
  await world.accessKeys.deactivate(USER, KEY);
  world.accessKeys.lags = 1;
  await expect(confirmGone(given, world)).rejects.toThrow("is active still");
  expect(await confirmGone(given, world)).toMatchObject({ is: "INACTIVE" });
});

test("says which other keys of the user are active, and which quarantine AWS has put on him", async () => {
  const world = exposedWorld();
  const user = world.accessKeys.addUser(USER, KEY, OTHER_KEY, LOST_KEY);
  await world.accessKeys.deactivate(USER, KEY);
  await world.accessKeys.deactivate(USER, LOST_KEY);
  user.attached = ["ReadOnlyAccess", "AWSCompromisedKeyQuarantineV2", "AWSCompromisedKeyQuarantineV3"];
  expect(await confirmGone(given, world)).toEqual({
    ...{ is: "INACTIVE", otherKeys: [OTHER_KEY] },
    quarantine: ["AWSCompromisedKeyQuarantineV2", "AWSCompromisedKeyQuarantineV3"],
  });
});

test("confirms nothing where IAM does not say which keys there are", async () => {
  const world = exposedWorld();
  await world.accessKeys.deactivate(USER, KEY);
  world.accessKeys.failing.set("keysOf", thrown("AccessDenied"));
  await expect(confirmGone(given, world)).rejects.toThrow("It says why.");
});

test("a key is shut also where the policies of its user cannot be read, which is said", async () => {
  const world = exposedWorld();
  await world.accessKeys.deactivate(USER, KEY);
  world.accessKeys.failing.set("policiesOf", thrown("AccessDenied"));
  const unread = "AccessDenied: It says why.";
  expect(await confirmGone(given, world)).toEqual({ is: "INACTIVE", otherKeys: [], unread });
});

test("policies that IAM does not give for a moment are asked for again, and not said to be unreadable", async () => {
  const world = exposedWorld();
  await world.accessKeys.deactivate(USER, KEY);
  world.accessKeys.failing.set("policiesOf", thrown("ThrottlingException"));
  await expect(confirmGone(given, world)).rejects.toMatchObject({ name: "TemporarilyUnavailable" });
});
