import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { DecryptCommand, GenerateMacCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListCommandsCommand, SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { ACCOUNT, arnOf, REGION } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InstanceRecord } from "../../functions/record/record.ts";
import { NAMES } from "../../infra/wiring.ts";
import { liveArn } from "../../local/roles.ts";
import { instanceArn } from "../../protocol/index.ts";
import type { Keys, SignedFor } from "../flows/signed-post.ts";
import { startTestFleet, type TestFleet } from "../flows/support.ts";

// Somebody has the credentials of one instance, and tries with them whatever Keyturn is made of.

let fleet: TestFleet;
let victim: InstanceRecord;
let other: InstanceRecord;
let keys: Keys;
let taskToken: string;

beforeAll(async () => {
  fleet = await startTestFleet(2, { settings: { timeSeries: "dynamodb" } });
  const [one, two] = await fleet.records();
  if (one === undefined || two === undefined) throw new Error("two instances should have registered");
  [victim, other] = [one, two];
  keys = fleet.aws.credentialsOf(victim.ec2InstanceId);
  expect((await fleet.rotate(other.id)).status).toBe("SUCCEEDED");
  // It lies in the record until the next rotation.
  [{ taskToken } = { taskToken: "" }] = Object.values((await fleet.record(other.id)).current.pushes ?? {});
});
afterAll(() => fleet.close());

const S = (text: string) => ({ S: text });
const place = { partition: "aws", region: REGION, account: ACCOUNT };
const arn = (of: InstanceRecord) => S(instanceArn(place, of.ec2InstanceId));
const sampleKey = (of: InstanceRecord) => ({ instanceArn: arn(of), idAndTime: S(`${of.id}#1763596800123`) });
const ticketKey = (of: InstanceRecord) => ({ instanceArn: arn(of), id: S(of.id) });
const { instanceTable, seriesTable, ticketTable } = NAMES;

interface Sender {
  send(command: unknown): Promise<unknown>;
}

/** Each with the client that sends it, and whose it is. */
const FORBIDDEN: Record<string, [client: new (config: object) => unknown, command: () => unknown]> = {
  "put an event on Keyturn's bus": [
    EventBridgeClient,
    () => {
      const Detail = JSON.stringify({ id: other.id, requestedBy: "thief" });
      const entry = { EventBusName: NAMES.eventBus, Source: "thief", DetailType: "Rotation Requested", Detail };
      return new PutEventsCommand({ Entries: [entry] });
    },
  ],
  "put an event that claims to be SSM's": [
    EventBridgeClient,
    () => {
      const DetailType = "EC2 Command Invocation Status-change Notification";
      return new PutEventsCommand({ Entries: [{ Source: "aws.ssm", DetailType, Detail: "{}" }] });
    },
  ],
  "return a task token": [SFNClient, () => new SendTaskSuccessCommand({ taskToken, output: "{}" })],
  "return a task token as failed": [SFNClient, () => new SendTaskFailureCommand({ taskToken })],
  "start a rotation": [
    SFNClient,
    () => new StartExecutionCommand({ stateMachineArn: liveArn("rotation"), input: JSON.stringify({ id: other.id }) }),
  ],
  "do to a record what a person does": [
    SFNClient,
    () => {
      const input = JSON.stringify({ act: "retire", id: other.id });
      return new StartExecutionCommand({ stateMachineArn: liveArn("operate"), input });
    },
  ],
  "read an execution": [
    SFNClient,
    () => new GetExecutionHistoryCommand({ executionArn: arnOf("states", "execution:keyturn-rotation:any") }),
  ],
  "read its own record": [
    DynamoDBClient,
    () => new GetItemCommand({ TableName: instanceTable, Key: { id: S(victim.id) } }),
  ],
  "read all records": [DynamoDBClient, () => new ScanCommand({ TableName: instanceTable })],
  "alter its own record": [
    DynamoDBClient,
    () => {
      const alter = { UpdateExpression: "SET dueAt = :never", ExpressionAttributeValues: { ":never": { N: "8" } } };
      return new UpdateItemCommand({ TableName: instanceTable, Key: { id: S(victim.id) }, ...alter });
    },
  ],
  "write a sample for another": [
    DynamoDBClient,
    () => new PutItemCommand({ TableName: seriesTable, Item: sampleKey(other) }),
  ],
  "delete its own samples": [
    DynamoDBClient,
    () => new DeleteItemCommand({ TableName: seriesTable, Key: sampleKey(victim) }),
  ],
  "read another's samples": [
    DynamoDBClient,
    () => {
      const condition = { KeyConditionExpression: "instanceArn = :a", ExpressionAttributeValues: { ":a": arn(other) } };
      return new QueryCommand({ TableName: seriesTable, ...condition });
    },
  ],
  "fetch another's ticket": [
    DynamoDBClient,
    () => new GetItemCommand({ TableName: ticketTable, Key: ticketKey(other) }),
  ],
  "fetch all tickets": [DynamoDBClient, () => new ScanCommand({ TableName: ticketTable })],
  "write its own ticket": [
    DynamoDBClient,
    () => new PutItemCommand({ TableName: ticketTable, Item: ticketKey(victim) }),
  ],
  "decrypt a key": [
    KMSClient,
    () => {
      const { id, ec2InstanceId, current } = victim;
      const EncryptionContext = { id, ec2InstanceId, generation: String(current.generation) };
      return new DecryptCommand({ CiphertextBlob: Buffer.from(current.ciphertext, "base64"), EncryptionContext });
    },
  ],
  "compute a nonce": [
    KMSClient,
    () => new GenerateMacCommand({ KeyId: NAMES.nonceKey, MacAlgorithm: "HMAC_SHA_256", Message: Buffer.from("x") }),
  ],
  "send a command": [
    SSMClient,
    () => new SendCommandCommand({ DocumentName: NAMES.pushDocument, InstanceIds: [other.ec2InstanceId] }),
  ],
  "list commands": [SSMClient, () => new ListCommandsCommand({})],
  "mail people": [SNSClient, () => new PublishCommand({ TopicArn: arnOf("sns", NAMES.alertTopic), Message: "x" })],
  "look at hosts": [EC2Client, () => new DescribeInstancesCommand({})],
};

test.each(Object.entries(FORBIDDEN))("the credentials of an instance do not %s", async (_, [Client, command]) => {
  const { endpoint, region } = fleet.aws;
  const client = new Client({ endpoint, region, credentials: keys, disableHostPrefix: true, maxAttempts: 1 }) as Sender;
  await expect(client.send(command())).rejects.toMatchObject({
    name: expect.stringMatching(/AccessDenied|NotAuthorized|UnauthorizedOperation|AuthorizationError/),
  });
});

const update = (ip: string) => JSON.stringify({ id: victim.id, ip, flag: "update" });
const MINUTES = 60_000;

test.each<[string, () => SignedFor]>([
  ["of a quarter of an hour ago", () => ({ at: Date.now() - 16 * MINUTES })],
  ["from a quarter of an hour ahead", () => ({ at: Date.now() + 16 * MINUTES })],
  ["for another Region", () => ({ region: "eu-west-1" })],
  ["for another service", () => ({ service: "execute-api" })],
  ["for another body", () => ({ body: update("10.0.0.1") })],
])("a registration whose signature is %s is refused, and nothing is written", async (_, signedFor) => {
  const before = await fleet.record(victim.id);
  const { status } = await fleet.register(update("10.9.9.9"), keys, signedFor());
  expect([403, 404]).toContain(status);
  expect(await fleet.record(victim.id)).toEqual(before);
});

test("a registration without the session's token is refused", async () => {
  const { sessionToken: _, ...without } = keys;
  expect(keys.sessionToken).toBeDefined();
  expect((await fleet.register(update("10.9.9.9"), without)).status).toBe(403);
});

test("a registration that is replayed while its signature is good says the same again and changes nothing", async () => {
  const at = Date.now();
  const first = await fleet.register(update("10.0.0.7"), keys, { at });
  // All but when it registered last.
  const { ip, status, current, agentPublic, serverPublic } = await fleet.record(victim.id);
  expect(await fleet.register(update("10.0.0.7"), keys, { at })).toEqual(first);
  expect(await fleet.record(victim.id)).toMatchObject({ ip, status, current, agentPublic, serverPublic });
});

test.each([
  ["a field twice", (id: string) => `{"id":"ffffff","id":"${id}","ip":"10.0.0.8","flag":"update"}`, 200],
  ["a field that is not known", (id: string) => `{"id":"${id}","ip":"10.0.0.8","flag":"update","role":"admin"}`, 200],
  ["__proto__", (id: string) => `{"__proto__":{"id":"${id}"},"ip":"10.0.0.8","flag":"update"}`, 400],
  ["an ID with a command in it", () => '{"id":"$(id)","ip":"10.0.0.8","flag":"update"}', 400],
  ["an IP with a zone", (id: string) => `{"id":"${id}","ip":"fe80::1%$(id)","flag":"update"}`, 400],
  ["a path as its ID", () => '{"id":"../..","ip":"10.0.0.8","flag":"update"}', 400],
])("a body with %s speaks for the caller alone", async (_, body, status) => {
  const before = await fleet.record(other.id);
  expect((await fleet.register(body(victim.id), keys)).status).toBe(status);
  expect(await fleet.record(other.id)).toEqual(before);
});
