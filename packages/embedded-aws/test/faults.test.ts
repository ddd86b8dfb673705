import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { DescribeInstancesCommand, EC2Client, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { expect, onTestFinished, test, vi } from "vitest";
import { type BusEvent, type EmbeddedAws, type FaultPlan, Faults, startAws } from "../src/index.ts";

/** Longer than any test takes, however it is drawn. */
const FOR_EVER = 1e12;

async function start(plan: FaultPlan, onEvent: (event: BusEvent) => void = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), "embedded-aws-faults-"));
  const anything = [{ Effect: "Allow", Action: ["*"], Resource: ["*"] }] as const;
  const instanceRole = { name: "Instance", id: "AROAINSTANCE000000001", statements: anything };
  const aws = await startAws({ folder, faults: new Faults("seed", plan), onEvent, instanceRole });
  aws.resume();
  onTestFinished(async () => {
    await aws.close();
    rmSync(folder, { recursive: true });
  });
  const { endpoint, region, credentials } = aws;
  return { aws, config: { endpoint, region, credentials, maxAttempts: 1 } };
}

async function running(aws: EmbeddedAws): Promise<string> {
  const id = aws.instances.launch(1)[0]?.id ?? "";
  await aws.instances.settled();
  return id;
}

test("a call is refused in the words of the plan", async () => {
  const refusal = { kind: "refuse", code: "InvalidInstanceId", message: "not in a valid state" } as const;
  const { config } = await start({ calls: [{ service: "kms", share: 1, fault: refusal }] });
  await expect(new KMSClient(config).send(new DescribeKeyCommand({ KeyId: "alias/k" }))).rejects.toMatchObject({
    name: "InvalidInstanceId",
    message: "not in a valid state",
  });
});

test("an instance's credentials have expired, in the words of each kind of service; an operator's do not", async () => {
  const { aws, config } = await start({ calls: [{ share: 1, fault: { kind: "expired" } }] });
  const credentials = aws.credentialsOf(await running(aws));
  const callsOf = (given: typeof config) => [
    new KMSClient(given).send(new DescribeKeyCommand({ KeyId: "alias/k" })),
    new SNSClient(given).send(new PublishCommand({ TopicArn: "arn:aws:sns:x", Message: "m" })),
    new EC2Client(given).send(new DescribeInstancesCommand({})),
  ];
  const namesOf = (calls: Promise<unknown>[]) =>
    Promise.all(
      calls.map((call) =>
        call.then(
          () => "",
          (error: Error) => error.name,
        ),
      ),
    );
  const expired = ["ExpiredTokenException", "ExpiredToken", "RequestExpired"];
  expect(await namesOf(callsOf({ ...config, credentials }))).toEqual(expired);
  expect(expired).not.toContainEqual((await namesOf(callsOf(config)))[0]);
});

test("an instance that was just launched is not described, and one that was just stopped is still running", async () => {
  const { aws, config } = await start({ lagMs: { instances: FOR_EVER } });
  const ec2 = new EC2Client(config);
  const id = await running(aws);
  const describe = async () => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
    return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ State }) => State?.Name));
  };
  // It has gone from pending to running; what was before is what is seen.
  expect(await describe()).toEqual(["pending"]);
  await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  await aws.instances.settled();
  expect(await describe()).toEqual(["stopping"]);
  expect(aws.instances.find(id)?.state).toBe("stopped");
});

test("a command that has ended, of which its event tells, is in progress for those who ask", async () => {
  const ended: BusEvent[] = [];
  const { aws, config } = await start({ lagMs: { commands: FOR_EVER } }, (event) => {
    if (event.source === "aws.ssm" && event.detail.status === "Success") ended.push(event);
  });
  const id = await running(aws);
  const ssm = new SSMClient(config);
  aws.commands.deployDocument("Say", SAY);
  const { Command } = await ssm.send(new SendCommandCommand({ DocumentName: "Say", InstanceIds: [id] }));
  await vi.waitFor(() => expect(ended).not.toEqual([]), 10_000);
  const asked = new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId: id });
  expect(await ssm.send(asked)).toMatchObject({ Status: "InProgress", StandardOutputContent: "" });
});

const SAY = JSON.stringify({
  schemaVersion: "2.2",
  description: "Says something.",
  mainSteps: [
    { action: "aws:runShellScript", name: "say", inputs: { timeoutSeconds: "10", runCommand: ["echo yes"] } },
  ],
});

test("events of a service are lost, and those of the others come", async () => {
  const seen: string[] = [];
  const { aws, config } = await start({ lost: { "aws.ssm": 1 } }, ({ source }) => seen.push(source));
  const id = await running(aws);
  const ssm = new SSMClient(config);
  aws.commands.deployDocument("Say", SAY);
  const { Command } = await ssm.send(new SendCommandCommand({ DocumentName: "Say", InstanceIds: [id] }));
  const asked = new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId: id });
  await vi.waitFor(async () => expect((await ssm.send(asked)).Status).toBe("Success"), 10_000);
  expect(new Set(seen)).toEqual(new Set(["aws.ec2"]));
});

async function tableWithIndex(config: Awaited<ReturnType<typeof start>>["config"]) {
  const dynamodb = new DynamoDBClient(config);
  await dynamodb.send(
    new CreateTableCommand({
      TableName: "things",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: ["id", "colour"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      GlobalSecondaryIndexes: [
        {
          IndexName: "byColour",
          KeySchema: [{ AttributeName: "colour", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
  const query = async (colour: string) => {
    const condition = { KeyConditionExpression: "colour = :c", ExpressionAttributeValues: { ":c": { S: colour } } };
    const { Items = [] } = await dynamodb.send(
      new QueryCommand({ TableName: "things", IndexName: "byColour", ...condition }),
    );
    return Items.map(({ id }) => id?.S);
  };
  const paint = (id: string, colour: string) =>
    dynamodb.send(
      new UpdateItemCommand({
        ...{ TableName: "things", Key: { id: { S: id } } },
        ...{ UpdateExpression: "SET colour = :c", ExpressionAttributeValues: { ":c": { S: colour } } },
      }),
    );
  return { dynamodb, query, paint };
}

test("an index does not have what was just written, while the table has it", async () => {
  const { config } = await start({ lagMs: { indexes: FOR_EVER } });
  const { dynamodb, query } = await tableWithIndex(config);
  const item = { id: { S: "1" }, colour: { S: "red" } };
  await dynamodb.send(new PutItemCommand({ TableName: "things", Item: item }));
  expect(await query("red")).toEqual([]);
  expect((await dynamodb.send(new GetItemCommand({ TableName: "things", Key: { id: { S: "1" } } }))).Item).toEqual(
    item,
  );
});

test("an index catches up, and has an item where it was until it does", async () => {
  const { config } = await start({ lagMs: { indexes: 400 } });
  const { query, paint } = await tableWithIndex(config);
  await paint("1", "red");
  await vi.waitFor(async () => expect(await query("red")).toEqual(["1"]), 5_000);
  await paint("1", "blue");
  expect([await query("red"), await query("blue")]).toEqual([["1"], []]);
  await pause(400);
  await vi.waitFor(async () => expect([await query("red"), await query("blue")]).toEqual([[], ["1"]]), 5_000);
});
