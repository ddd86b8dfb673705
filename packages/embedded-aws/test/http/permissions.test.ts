import { expect, test } from "vitest";
import { checkPermission } from "../../src/http/permissions.ts";
import { instancePrincipal, OPERATOR } from "./embedded.ts";

const INSTANCE = instancePrincipal("i-0a1b2c3d");
const SERIES = { name: "keyturn-samples", partitionKey: "instance" };
const NOTHING = Buffer.alloc(0);

function put(instance: string, table = "keyturn-samples"): Buffer {
  return Buffer.from(
    JSON.stringify({
      TableName: table,
      Item: { instance: { S: `arn:aws:ec2:us-east-1:000000000000:instance/${instance}` } },
    }),
  );
}

test.each([
  ["lambda", "InvokeFunctionUrl", NOTHING],
  ["timestream", "WriteRecords", NOTHING],
  ["timestream", "DescribeEndpoints", NOTHING],
  ["dynamodb", "PutItem", put("i-0a1b2c3d")],
])("an instance may call %s %s", (service, operation, body) => {
  expect(() => checkPermission(INSTANCE, { service, operation, body }, SERIES)).not.toThrow();
});

test.each([
  ["lambda", "Invoke", NOTHING],
  ["events", "PutEvents", NOTHING],
  ["states", "SendTaskSuccess", NOTHING],
  ["states", "StartExecution", NOTHING],
  ["kms", "Decrypt", NOTHING],
  ["ssm", "SendCommand", NOTHING],
  ["timestream", "Query", NOTHING],
  ["dynamodb", "GetItem", NOTHING],
  ["dynamodb", "PutItem", put("i-0a1b2c3e")],
  ["dynamodb", "PutItem", put("i-0a1b2c3d", "keyturn-instances")],
  ["dynamodb", "PutItem", Buffer.from("no JSON")],
])("an instance may not call %s %s", (service, operation, body) => {
  expect(() => checkPermission(INSTANCE, { service, operation, body }, SERIES)).toThrow(
    `User: ${INSTANCE.arn} is not authorized to perform: ${service}:${operation}`,
  );
});

test("without a series table an instance may put nothing", () => {
  const call = { service: "dynamodb", operation: "PutItem", body: put("i-0a1b2c3d") };
  expect(() => checkPermission(INSTANCE, call, undefined)).toThrow("dynamodb:PutItem");
});

test("others may do everything", () => {
  for (const principal of [OPERATOR, { ...OPERATOR, kind: "lambda" as const }]) {
    expect(() =>
      checkPermission(principal, { service: "kms", operation: "Decrypt", body: NOTHING }, SERIES),
    ).not.toThrow();
  }
});
