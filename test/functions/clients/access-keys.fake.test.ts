import { expect, test } from "vitest";
import { fakeAccessKeys } from "../../../functions/clients/access-keys.fake.ts";
import { DENY_SESSIONS_POLICY } from "../../../functions/clients/access-keys.ts";
import { accessKeysSuite } from "./access-keys.suite.ts";

const FOREIGN = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", account: "111122223333" };

accessKeysSuite(() => {
  const accessKeys = fakeAccessKeys();
  accessKeys.strangers.set(FOREIGN.accessKeyId, { owner: "OTHERS", account: FOREIGN.account });
  let issued = 0;
  return {
    accessKeys,
    async addUser(name, keys) {
      const ids = Array.from({ length: keys }, () => `AKIA${String(++issued).padStart(16, "0")}`);
      accessKeys.addUser(name, ...ids);
      return ids;
    },
    attach: async (user, policy) => void accessKeys.users.get(user)?.attached.push(policy),
    deniedUntil: async (user) => accessKeys.users.get(user)?.inline.get(DENY_SESSIONS_POLICY),
    unknown: "AKIAI44QH8DHBEXAMPLE",
    foreign: FOREIGN,
  };
});

test("IAM in memory lags when it is told to, and fails when it is told to", async () => {
  const accessKeys = fakeAccessKeys();
  const accessKeyId = "AKIAIOSFODNN7EXAMPLE";
  accessKeys.addUser("deployer", accessKeyId);
  await accessKeys.deactivate("deployer", accessKeyId);
  accessKeys.lags = 1;
  expect(await accessKeys.keysOf("deployer")).toEqual([{ accessKeyId, isActive: true }]);
  expect(await accessKeys.keysOf("deployer")).toEqual([{ accessKeyId, isActive: false }]);
  accessKeys.failing.set("whose", new Error("away"));
  await expect(accessKeys.whose(accessKeyId)).rejects.toThrow("away");
});
