import { generateKeyPairSync } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { ACCOUNT, REGION } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InstanceRecord } from "../../functions/record/record.ts";
import { NAMES } from "../../infra/wiring.ts";
import { instanceArn, seriesKey } from "../../protocol/index.ts";
import { startTestFleet, type TestFleet, until } from "../flows/support.ts";

// Somebody has an instance's credentials, registers in its place, writes over its samples and takes its commands. That his
// newcomer is retired after an hour, test/harness/thief.test.ts shows, where an hour takes no time.

const NEWCOMER = "bad1d0";
let fleet: TestFleet;
let victim: InstanceRecord;
let answered = 0;
let forging: NodeJS.Timeout;

beforeAll(async () => {
  fleet = await startTestFleet(1, { settings: { timeSeries: "dynamodb" } });
  const [record] = await fleet.records();
  if (record === undefined) throw new Error("no instance has registered");
  victim = record;
});
afterAll(async () => {
  clearInterval(forging);
  await fleet.close();
});

test("a thief who registers, forges and answers takes nothing, and when he is gone the key is turned", async () => {
  const { id, ec2InstanceId } = victim;
  const keys = fleet.aws.credentialsOf(ec2InstanceId);
  const { x = "" } = generateKeyPairSync("x25519").publicKey.export({ format: "jwk" });
  const publicKey = Buffer.from(x, "base64url").toString("hex");
  const registration = { id: NEWCOMER, ip: "10.6.6.6", flag: "new", publicKey };
  expect(JSON.parse((await fleet.register(registration, keys)).body)).toMatchObject({ registered: true });

  const dynamodb = new DynamoDBClient({ endpoint: fleet.aws.endpoint, region: REGION, credentials: keys });
  const instance = { S: instanceArn({ partition: "aws", region: REGION, account: ACCOUNT }, ec2InstanceId) };
  const forge = () => {
    const idAndTime = { S: seriesKey({ id, timeMs: Date.now() }) };
    const Item = { instanceArn: instance, idAndTime, generation: { N: "1" }, hash: { S: "bad".padEnd(64, "0") } };
    return dynamodb.send(new PutItemCommand({ TableName: NAMES.seriesTable, Item }));
  };
  forging = setInterval(() => void forge(), 500);
  fleet.aws.commands.takeCommands(ec2InstanceId, async () => {
    answered += 1;
    const receipt = { id, generation: 2, proof: "bad".padEnd(64, "0"), hooks: [] };
    return { exitCode: 0, stdout: JSON.stringify({ receipt }), stderr: "", timedOut: false };
  });

  // Longer than the ten intervals of a window.
  await pause(11_000);
  expect(await fleet.rotate(NEWCOMER)).toMatchObject({
    status: "SUCCEEDED",
    output: expect.stringContaining("WAITING"),
  });
  expect(await fleet.record(NEWCOMER)).toMatchObject({ status: "NEW", current: { generation: 1 } });
  const failed = await fleet.rotate(id);
  expect(failed).toMatchObject({
    status: "FAILED",
    error: expect.stringMatching(/^Keyturn\.(ReceiptInvalid|MISMATCH)$/),
  });
  expect(await fleet.record(id)).toMatchObject({ status: "ACTIVE", current: { generation: 1 } });
  await until(() => fleet.aws.inbox.list().length > 0, "the mail about it");

  clearInterval(forging);
  fleet.aws.commands.takeCommands(ec2InstanceId, undefined);
  await until(async () => (await fleet.rotate(id)).status === "SUCCEEDED", "the key to be turned");
  expect((await fleet.record(id)).current.generation).toBe(2);
  expect(fleet.keyFile(ec2InstanceId)).toMatchObject({ id, generation: 2 });
  expect(answered).toBeGreaterThan(0);
});
