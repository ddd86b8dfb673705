import { expect, test } from "vitest";
import { callingInstance, type IamIdentity } from "../../../functions/registration/caller.ts";
import { EC2 } from "../support.ts";

const ROLE = "AROAEXAMPLEEXAMPLE123";
const fleet = { partition: "aws", account: "000000000000", roleIds: ["AROAOTHERFLEETROLE000", ROLE] };
const identity: IamIdentity = {
  accountId: "000000000000",
  userId: `${ROLE}:${EC2}`,
  userArn: `arn:aws:sts::000000000000:assumed-role/KeyturnInstance/${EC2}`,
};

test("the session name under the fleet's role in its account is the calling instance", () => {
  expect(callingInstance(identity, fleet)).toBe(EC2);
});

test.each(["aws-cn", "aws-us-gov"])("in the partition %s its ARN begins with that", (partition) => {
  const there = { ...identity, userArn: identity.userArn.replace("arn:aws:", `arn:${partition}:`) };
  expect(callingInstance(there, { ...fleet, partition })).toBe(EC2);
  expect(callingInstance(there, fleet)).toBeUndefined();
  expect(callingInstance(identity, { ...fleet, partition })).toBeUndefined();
});

test.each<[string, Partial<IamIdentity>]>([
  ["another role", { userId: `AROASOMEOTHERROLE0000:${EC2}` }],
  ["a role whose ID only begins alike", { userId: `${ROLE}4:${EC2}` }],
  ["no role ID", { userId: `:${EC2}` }],
  ["another account", { accountId: "111111111111" }],
  ["another account's ARN", { userArn: `arn:aws:sts::111111111111:assumed-role/KeyturnInstance/${EC2}` }],
  ["a user", { userId: "AIDAOPERATOR", userArn: "arn:aws:iam::000000000000:user/operator" }],
  ["a session name that is no instance", sessionOf("operator")],
  ["a session name in upper case", sessionOf(EC2.toUpperCase())],
  ["a session name that contains an instance", sessionOf(`x-${EC2}`)],
  ["an empty session name", sessionOf("")],
  ["a session name with a colon", { userId: `${ROLE}:x:${EC2}` }],
  ["a session name with something behind a colon", { userId: `${ROLE}:${EC2}:x` }],
  ["a session name that the ARN does not have", { userId: `${ROLE}:i-0fedcba9876543210` }],
  ["a federated user of that name", { userArn: `arn:aws:sts::000000000000:federated-user/${EC2}` }],
])("%s is no instance of the fleet", (_who, change) => {
  expect(callingInstance({ ...identity, ...change }, fleet)).toBeUndefined();
});

function sessionOf(session: string): Partial<IamIdentity> {
  return {
    userId: `${ROLE}:${session}`,
    userArn: `arn:aws:sts::000000000000:assumed-role/KeyturnInstance/${session}`,
  };
}
