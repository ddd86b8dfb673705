import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client, StartInstancesCommand, StopInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { TimestreamWriteClient, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dynamoRegistry } from "../../functions/clients/registry.dynamodb.ts";
import { timestreamSeries } from "../../functions/clients/time-series.timestream.ts";
import type { TimeSeries } from "../../functions/clients/time-series.ts";
import type { InstanceRecord } from "../../functions/record/record.ts";
import { NAMES } from "../../infra/wiring.ts";
import { sampleHash } from "../../protocol/index.ts";
import { keyFolder, startTestFleet, type TestFleet, until } from "./support.ts";

/** How long samples with the former key are excused after a turn: the allowed skew and one interval. */
const GRACE_MS = 2000;

let fleet: TestFleet;
let ec2: EC2Client;
let dynamodb: DynamoDBClient;
let series: TimeSeries;

beforeAll(async () => {
  fleet = await startTestFleet(4);
  const { endpoint, region, credentials } = fleet.aws;
  ec2 = new EC2Client({ endpoint, region, credentials });
  dynamodb = new DynamoDBClient({ endpoint, region, credentials });
  const place = { database: NAMES.timestreamDatabase, table: NAMES.timestreamTable };
  series = timestreamSeries(new TimestreamQueryClient({ endpoint, region, credentials }), place);
});
afterAll(() => fleet.close());

/** The instance that a test has for itself. */
async function instance(index: number): Promise<InstanceRecord> {
  const ec2InstanceId = fleet.aws.instances.list()[index]?.id;
  const record = (await fleet.records()).find((one) => one.ec2InstanceId === ec2InstanceId);
  if (record === undefined) throw new Error(`instance ${index} has not registered`);
  return record;
}

/** Waits for a sample that an instance takes after a moment. */
function sampleAfter({ id, ec2InstanceId }: { id: string; ec2InstanceId: string }, moment: number) {
  const window = { id, ec2InstanceId, from: moment + 1, to: Date.now() + 3_600_000, limit: 1 };
  return until(async () => (await series.read(window))[0], `a sample of ${id}`);
}

async function rotate(id: string): Promise<{ status: string | undefined; outcome: unknown }> {
  const { status, output, error } = await fleet.rotate(id);
  return { status, outcome: error ?? JSON.parse(output ?? "{}").outcome };
}

/** Whether the fleet's run would turn this instance if everything that may be due were due. */
async function isListed(id: string): Promise<boolean> {
  const { due } = await dynamoRegistry(dynamodb, NAMES.instanceTable).listDue({ at: Date.now() + 1e9, limit: 1000 });
  return due.some((one) => one.id === id);
}

test("a stopped instance is waited for without alarm, and turned when it is back", async () => {
  const { id, ec2InstanceId, current } = await instance(0);
  expect(await isListed(id)).toBe(true);
  await ec2.send(new StopInstancesCommand({ InstanceIds: [ec2InstanceId] }));
  await until(async () => (await fleet.record(id)).status === "STOPPED", "the stop to be noted");
  expect(await rotate(id)).toEqual({ status: "SUCCEEDED", outcome: "WAITING" });
  expect(await isListed(id)).toBe(false);

  const startedAt = Date.now();
  await ec2.send(new StartInstancesCommand({ InstanceIds: [ec2InstanceId] }));
  await until(async () => (await fleet.record(id)).status === "ACTIVE", "the start to be noted");
  expect(await isListed(id)).toBe(true);
  expect((await fleet.record(id)).startedAt).toBeGreaterThanOrEqual(startedAt);
  await sampleAfter({ id, ec2InstanceId }, startedAt);
  expect(await rotate(id)).toEqual({ status: "SUCCEEDED", outcome: "ROTATED" });
  expect((await fleet.record(id)).current.generation).toBe(current.generation + 1);
  expect(fleet.keyFile(ec2InstanceId).generation).toBe(current.generation + 1);
  expect(fleet.aws.inbox.list().filter(({ text }) => text.includes(id))).toEqual([]);
});

test("an address that changes while the instance runs is registered, and nothing else changes", async () => {
  const before = await instance(1);
  const ip = fleet.aws.instances.changeIp(before.ec2InstanceId);
  expect(ip).not.toBe(before.ip);
  await until(async () => (await fleet.record(before.id)).ip === ip, "the new address in the record");
  expect(await fleet.record(before.id)).toEqual({ ...before, ip, startedAt: expect.any(Number) });
});

test("a host started from a copied disk registers as a new instance, and the former key is erased there", async () => {
  const original = await instance(1);
  const key = fleet.keyFile(original.ec2InstanceId);
  const [copy] = fleet.aws.instances.launch(1);
  if (copy === undefined) throw new Error("no instance was launched");
  // The agent's process begins only when this test waits for something.
  cpSync(keyFolder(fleet.aws, original.ec2InstanceId), keyFolder(fleet.aws, copy.id), { recursive: true });
  const registered = await until(
    async () => (await fleet.records()).find(({ ec2InstanceId }) => ec2InstanceId === copy.id),
    "the copy's registration",
  );
  await sampleAfter(registered, 0);
  expect(registered.id).not.toBe(original.id);
  expect(fleet.keyFile(copy.id)).toMatchObject({ id: registered.id, generation: 1 });
  const files = readdirSync(keyFolder(fleet.aws, copy.id)).map((name) => join(keyFolder(fleet.aws, copy.id), name));
  expect(files.filter((file) => readFileSync(file, "utf8").includes(key.key))).toEqual([]);
  const log = readFileSync(join(fleet.aws.instances.folderOf(copy.id), "agent.log"), "utf8");
  expect(log).toContain("this one is a copy");

  expect(fleet.keyFile(original.ec2InstanceId)).toEqual(key);
  expect(await fleet.record(original.id)).toEqual(original);
  for (const { id } of [original, registered]) {
    expect(await rotate(id)).toEqual({ status: "SUCCEEDED", outcome: "ROTATED" });
  }
});

test("a clone that goes on with the former key is found, and the rightful one is turned all the same", async () => {
  const { id, ec2InstanceId } = await instance(2);
  const copied = fleet.keyFile(ec2InstanceId);
  const { endpoint, region } = fleet.aws;
  const clone = new TimestreamWriteClient({ endpoint, region, credentials: fleet.aws.credentialsOf(ec2InstanceId) });
  const writeAsClone = async (time: number) => {
    const { key, generation } = copied;
    const hash = sampleHash({ key, id, ec2InstanceId, generation, timeMs: time });
    const sample = {
      Dimensions: Object.entries({ ec2InstanceId, id }).map(([Name, Value]) => ({ Name, Value })),
      MeasureName: "sample",
      MeasureValueType: "MULTI" as const,
      MeasureValues: [
        { Name: "generation", Value: String(generation), Type: "BIGINT" as const },
        { Name: "hash", Value: hash, Type: "VARCHAR" as const },
      ],
      Time: String(time),
      TimeUnit: "MILLISECONDS" as const,
    };
    const { timestreamDatabase: DatabaseName, timestreamTable: TableName } = NAMES;
    await clone.send(new WriteRecordsCommand({ DatabaseName, TableName, Records: [sample] }));
  };

  expect(await rotate(id)).toEqual({ status: "SUCCEEDED", outcome: "ROTATED" });
  // For a short while a sample with the former key is what an honest instance may have had under way.
  await writeAsClone((await fleet.record(id)).current.since + 1);
  expect(await rotate(id)).toEqual({ status: "SUCCEEDED", outcome: "ROTATED" });
  expect(fleet.aws.inbox.list().filter(({ text }) => text.includes(id))).toEqual([]);

  const { current } = await fleet.record(id);
  const afterGrace = current.since + GRACE_MS + 1;
  await pause(Math.max(0, afterGrace - Date.now()));
  await writeAsClone(afterGrace);
  await sampleAfter({ id, ec2InstanceId }, afterGrace);
  expect(await rotate(id)).toEqual({ status: "SUCCEEDED", outcome: "ROTATED" });
  const subject = `Keyturn: CONFLICT on ${id} (${ec2InstanceId})`;
  const mail = await until(() => fleet.aws.inbox.list().find((one) => one.subject === subject), "the mail");
  expect(mail.text).toContain("Find the other host");
  const after = await fleet.record(id);
  expect(after.current.generation).toBe(copied.generation + 3);
  expect(fleet.keyFile(ec2InstanceId).generation).toBe(copied.generation + 3);
  // It has not turned into a match because its key was turned.
  const found = { subject: id, cause: "CONFLICT" };
  expect(await fleet.finding(found)).toMatchObject({ toldAt: expect.any(Number), times: 1 });

  // It is over with the first look that finds no second writer.
  expect(await rotate(id)).toEqual({ status: "SUCCEEDED", outcome: "ROTATED" });
  const { since } = (await fleet.record(id)).current;
  await sampleAfter({ id, ec2InstanceId }, since + GRACE_MS);
  await fleet.look();
  expect((await fleet.record(id)).verdict).toBe("MATCH");
  expect(await fleet.finding(found)).toMatchObject({ endedAt: expect.any(Number) });
});

test("of a terminated instance a tombstone is left without key material, and its ID is refused for ever", async () => {
  const { id, ec2InstanceId, ip, agentPublic } = await instance(3);
  const keys = fleet.aws.credentialsOf(ec2InstanceId);
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [ec2InstanceId] }));
  const item = await until(async () => {
    const get = new GetCommand({ TableName: NAMES.instanceTable, Key: { id }, ConsistentRead: true });
    const { Item } = await DynamoDBDocumentClient.from(dynamodb).send(get);
    return Item?.status === "RETIRED" ? Item : undefined;
  }, "the tombstone");
  // Besides, what it takes to put its last audit line.
  const { auditHead: _, auditDue: __, ...left } = item;
  expect(left).toEqual({ id, ec2InstanceId, status: "RETIRED", retiredAt: expect.any(Number) });
  expect(await isListed(id)).toBe(false);
  expect(await rotate(id)).toEqual({ status: "SUCCEEDED", outcome: "RETIRED" });
  expect(fleet.aws.inbox.list().filter(({ text }) => text.includes(id))).toEqual([]);

  const other = fleet.aws.credentialsOf((await instance(1)).ec2InstanceId);
  for (const [by, reason] of [
    [keys, "ID_TAKEN"],
    [other, "ID_TAKEN"],
  ] as const) {
    const answer = await fleet.register({ id, ip, flag: "new", publicKey: agentPublic }, by);
    expect(JSON.parse(answer.body)).toEqual({ registered: false, reason });
  }
  const update = await fleet.register({ id, ip, flag: "update" }, keys);
  expect(JSON.parse(update.body)).toEqual({ registered: false, reason: "RETIRED" });
  const mail = await until(() => fleet.aws.inbox.list().find(({ text }) => text.includes(id)), "the mail");
  expect(mail.subject).toBe(`Keyturn: RETIRED on ${ec2InstanceId} (${id})`);
});
