import { DeleteTableCommand, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateKeyCommand, DescribeKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { CreateTopicCommand } from "@aws-sdk/client-sns";
import { SendCommandCommand } from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import { arnOf, type Statement } from "../../src/index.ts";
import { SECRETS_CASES } from "./secrets.cases.ts";
import { CASES } from "./services.cases.ts";
import { aws, CALLER, caller, checked, makeTable, operator, tableKey } from "./services.world.ts";
import { SNS_CASES } from "./sns.cases.ts";

test("a key whose policy names a role and not the account is that role's, whatever others may", async () => {
  const principal = { AWS: ["arn:aws:iam::000000000000:role/Caller"] };
  const statement = { Effect: "Allow", Principal: principal, Action: "kms:DescribeKey", Resource: "*" };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: statement });
  const KeyId = (await operator.kms.send(new CreateKeyCommand({ Policy }))).KeyMetadata?.Arn ?? "";
  aws.roles.put({ name: "Caller", statements: [{ Effect: "Allow", Action: ["kms:Encrypt"], Resource: ["*"] }] });
  await caller.kms.send(new DescribeKeyCommand({ KeyId }));
  await expect(caller.kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") }))).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringContaining("because no resource-based policy allows the kms:Encrypt action"),
  });
});

test("a policy that cannot be enforced is not taken", async () => {
  const statement = {
    Effect: "Allow",
    Principal: "*",
    Action: "*",
    Resource: "*",
    Condition: { IpAddress: { a: "b" } },
  };
  const Policy = JSON.stringify({ Statement: [statement] });
  const why = { message: expect.stringContaining("it knows no condition operator IpAddress") };
  await expect(operator.kms.send(new CreateKeyCommand({ Policy }))).rejects.toMatchObject({
    ...{ name: "MalformedPolicyDocumentException", ...why },
  });
  const topic = new CreateTopicCommand({ Name: "odd", Attributes: { Policy } });
  await expect(operator.sns.send(topic)).rejects.toMatchObject({ name: "InvalidParameterException", ...why });
  expect(() => aws.events.putPolicy("own", [statement as never])).toThrow("the policy of the bus own");
  expect(() => aws.events.putPolicy("none", [])).toThrow("Event bus none does not exist.");
});

test("a table is under its key until it is deleted", async () => {
  aws.roles.put({ name: "Caller", statements: [{ Effect: "Allow", Action: ["dynamodb:*"], Resource: ["*"] }] });
  const get = () => caller.dynamodb.send(new GetItemCommand({ TableName: "passing", Key: { id: { S: "a" } } }));
  const none = "alias/none";
  await expect(makeTable("passing", none)).rejects.toThrow(`${none} is not found`);
  await makeTable("passing", tableKey);
  await expect(get()).rejects.toThrow("kms:Decrypt");
  await operator.dynamodb.send(new DeleteTableCommand({ TableName: "passing" }));
  await makeTable("passing");
  await get();
});

test("who sends a command by a tag needs the right to each instance that it chooses", async () => {
  const [instance] = aws.instances.launch(1);
  const Resource = arnOf("ec2", `instance/${instance?.id}`);
  const some: Statement[] = [
    { Effect: "Allow", Action: ["ssm:SendCommand"], Resource: [arnOf("ssm", "document/turn")] },
    { Effect: "Allow", Action: ["ssm:UpdateInstanceInformation"], Resource: ["*"] },
  ];
  const Targets = [{ Key: "tag:team", Values: ["keys"] }];
  const send = () => caller.ssm.send(new SendCommandCommand({ DocumentName: "turn", Targets }));
  aws.roles.put({ name: "Caller", statements: some });
  await expect(send()).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringContaining(`ssm:SendCommand on resource: ${Resource}`),
  });
  const Condition = { StringEquals: { "ssm:resourceTag/team": "keys" } };
  const it: Statement = { Effect: "Allow", Action: ["ssm:SendCommand"], Resource: [Resource], Condition };
  aws.roles.put({ name: "Caller", statements: [...some, it] });
  expect((await send()).Command).toMatchObject({ Targets });
});

test.each([...CASES, ...SECRETS_CASES, ...SNS_CASES])(
  "$what needs each of its rights, and no other",
  async ({ send, needs, codes }) => {
    const statements = needs.map(([action, resource, condition]) => ({
      Effect: "Allow" as const,
      Action: [action],
      Resource: [typeof resource === "string" ? resource : resource()],
      ...(condition && { Condition: condition }),
    }));
    const mayOnly = (rights: typeof statements) => aws.roles.put({ name: "Caller", statements: rights });
    mayOnly(statements);
    await send();
    const mine = checked.filter(({ principal }) => principal.arn.includes("assumed-role/Caller/"));
    const asked = new Set(mine.map(({ action, resource }) => `${action} on ${resource}`));
    const agent = /^(ssmmessages|ec2messages):/;
    expect([...asked].filter((one) => !agent.test(one)).sort()).toEqual(
      statements.map(({ Action: [action], Resource: [resource] }) => `${action} on ${resource}`).sort(),
    );
    for (const [index, missing] of statements.entries()) {
      mayOnly(statements.filter((statement) => statement !== missing));
      const error = await send().then(
        () => expect.fail(`done without ${missing.Action[0]} on ${missing.Resource[0]}`),
        (thrown: Error) => thrown,
      );
      expect(error.name).toBe(codes?.[index] ?? "AccessDeniedException");
      if (error.name === "InvalidInstanceId") continue;
      const prefix = error.name === "UnauthorizedOperation" ? "You are not authorized to perform this operation. " : "";
      expect(error.message).toBe(
        `${prefix}User: arn:aws:sts::000000000000:assumed-role/Caller/${CALLER} is not authorized to perform: ` +
          `${missing.Action[0]} on resource: ${missing.Resource[0]} because no identity-based policy allows the ${missing.Action[0]} action`,
      );
    }
  },
);
