import { expect, test } from "vitest";
import { checkRights, checkStatements, type Statement } from "../../src/http/rights.ts";
import { startAws } from "../../src/index.ts";
import { instancePrincipal, OPERATOR } from "./embedded.ts";

const INSTANCE = instancePrincipal("i-0a1b2c3d");
const ARN = (resource: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${resource}`;
const own = "arn:aws:ec2:us-east-1:000000000000:instance/i-0a1b2c3d";
const others = "arn:aws:ec2:us-east-1:000000000000:instance/i-0a1b2c3e";

const STATEMENTS: Statement[] = [
  { Effect: "Allow", Action: ["lambda:InvokeFunctionUrl", "timestream:Describe*"], Resource: ["*"] },
  { Effect: "Allow", Action: ["dynamodb:GetItem"], Resource: [ARN("a.b"), ARN("c-*")] },
  {
    Effect: "Allow",
    Action: ["dynamodb:PutItem"],
    Resource: [ARN("samples")],
    Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": "${ec2:SourceInstanceARN}" } },
  },
];

/** Whether the statements allow a call: service, operation, resource, leading keys. */
function allows(...[service, operation, resource, leadingKeys]: [string, string, string?, string[]?]): boolean {
  const call = { service, operation, ...(resource && { resource }), ...(leadingKeys && { leadingKeys }) };
  try {
    checkRights(INSTANCE, call, STATEMENTS);
    return true;
  } catch (error) {
    expect((error as Error).message).toContain(
      `User: ${INSTANCE.arn} is not authorized to perform: ${service}:${operation}`,
    );
    return false;
  }
}

test("what a statement names is allowed, patterns included, and nothing else", () => {
  expect(allows("lambda", "InvokeFunctionUrl", "arn:aws:lambda:us-east-1:000000000000:function:any")).toBe(true);
  expect(allows("timestream", "DescribeEndpoints")).toBe(true);
  expect(allows("lambda", "Invoke")).toBe(false);
  expect(allows("timestream", "Query")).toBe(false);
});

test("a right is one to the resources that it names", () => {
  expect(allows("dynamodb", "GetItem", ARN("a.b"))).toBe(true);
  expect(allows("dynamodb", "GetItem", ARN("c-1"))).toBe(true);
  // A point is a point, and not any character.
  expect(allows("dynamodb", "GetItem", ARN("aXb"))).toBe(false);
  expect(allows("dynamodb", "GetItem", `${ARN("a.b")}c`)).toBe(false);
  expect(allows("dynamodb", "GetItem")).toBe(false);
});

test("a condition of the leading keys holds for one's own alone", () => {
  expect(allows("dynamodb", "PutItem", ARN("samples"), [own])).toBe(true);
  expect(allows("dynamodb", "PutItem", ARN("samples"), [others])).toBe(false);
  expect(allows("dynamodb", "PutItem", ARN("samples"), [own, others])).toBe(false);
  expect(allows("dynamodb", "PutItem", ARN("other"), [own])).toBe(false);
  expect(allows("dynamodb", "PutItem", ARN("samples"))).toBe(false);
});

test("without statements nothing is allowed; who has no rights that are enforced may do everything", () => {
  expect(() => checkRights(INSTANCE, { service: "kms", operation: "Decrypt" }, [])).toThrow("not authorized");
  expect(() => checkRights(OPERATOR, { service: "kms", operation: "Decrypt" }, undefined)).not.toThrow();
});

test("a condition that is not known is refused at the start, so that it is not passed over", async () => {
  const [right] = STATEMENTS;
  const statements = [{ ...right, Condition: { Bool: { "aws:SecureTransport": "true" } } }] as never;
  expect(() => checkStatements(statements)).toThrow("knows no condition Bool of aws:SecureTransport");
  expect(() => checkStatements(STATEMENTS)).not.toThrow();
  await expect(
    startAws({ folder: "/nowhere", instanceRole: { name: "Some", id: "AROASOME", statements } }),
  ).rejects.toThrow("knows no condition");
});
