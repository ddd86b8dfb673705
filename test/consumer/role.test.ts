import { afterEach, expect, test } from "vitest";
import { roleIdentity } from "../../consumer/role.ts";

const ROLE = "arn:aws-cn:iam::111122223333:role/apps/web";
const { KEYTURN_ROLE_ARN, AWS_REGION } = process.env;

afterEach(() => {
  for (const [name, value] of Object.entries({ KEYTURN_ROLE_ARN, AWS_REGION })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

test("a role says in which part of AWS and in which account it is, and the Region is given", async () => {
  const identity = { role: ROLE, partition: "aws-cn", region: "cn-north-1", account: "111122223333" };
  expect(await roleIdentity({ roleArn: ROLE, region: "cn-north-1" })()).toEqual(identity);
});

test("what is not given, the environment says", async () => {
  Object.assign(process.env, { KEYTURN_ROLE_ARN: ROLE, AWS_REGION: "cn-northwest-1" });
  expect(await roleIdentity()()).toMatchObject({ role: ROLE, region: "cn-northwest-1" });
});

test.each([
  ["no ARN", undefined, "KEYTURN_ROLE_ARN"],
  ["the caller's ARN, which is a session's", "arn:aws:sts::111122223333:assumed-role/web/one", "KEYTURN_ROLE_ARN"],
  ["a user's ARN", "arn:aws:iam::111122223333:user/web", "KEYTURN_ROLE_ARN"],
  ["no Region", ROLE, "AWS_REGION"],
])("%s is told", async (_, roleArn, words) => {
  delete process.env.KEYTURN_ROLE_ARN;
  delete process.env.AWS_REGION;
  await expect(roleIdentity({ roleArn })()).rejects.toMatchObject({
    name: "Failure",
    message: expect.stringContaining(words),
  });
});
