import { expect, test } from "vitest";
import { toldOf } from "../../operator/what-to-type.ts";
import { EC2, EXECUTION, ID } from "../functions/support.ts";

const finding = { subject: ID, cause: "MISMATCH", facts: { ec2InstanceId: EC2 }, execution: EXECUTION };

test("what to type is a command of keyturn, with AWS's own beside it", () => {
  const { type, or, section } = toldOf(finding);
  expect(type).toBe(`npx keyturn rekey ${ID} --region us-east-1`);
  expect(or).toMatch(/^aws stepfunctions start-execution /);
  expect(section).toBe("MISMATCH");
});

test("where keyturn has none, it is AWS's own, and none beside it", () => {
  const { type, or } = toldOf({ ...finding, cause: "PushFailed" });
  expect(type).toMatch(new RegExp(`^aws ssm list-command-invocations --instance-id ${EC2} `));
  expect(or).toBeUndefined();
});

test("where nobody knows of whom, there is nothing to type", () => {
  const { title, type, or } = toldOf({ ...finding, subject: "rm -rf", facts: {} });
  expect(title).toMatch(/^an instance's proofs/);
  expect([type, or]).toEqual([undefined, undefined]);
});
