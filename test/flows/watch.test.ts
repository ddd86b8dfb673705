import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DeleteTableCommand,
  DynamoDBClient,
  UpdateItemCommand,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import type { BusEvent } from "embedded-aws";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { timestreamSeries } from "../../functions/clients/time-series.timestream.ts";
import type { TimeSeries } from "../../functions/clients/time-series.ts";
import { executionName } from "../../functions/record/execution-name.ts";
import type { InstanceRecord } from "../../functions/record/record.ts";
import { NAMES } from "../../infra/wiring.ts";
import { keyNamed } from "../../local/deploy-data.ts";
import { createInstanceTable } from "../../local/deploy-tables.ts";
import { flowArn } from "../../local/roles.ts";
import { keyFolder, startTestFleet, type TestFleet, until } from "./support.ts";

// What goes wrong between rotations, or where nobody is left to tell of it. No key is due in these tests, and a look takes
// place only when a test starts one, so that whatever people are told, that very look has found.

let fleet: TestFleet;
let dynamodb: DynamoDBClient;
let kms: KMSClient;
let sfn: SFNClient;
let series: TimeSeries;
const events: BusEvent[] = [];

beforeAll(async () => {
  fleet = await startTestFleet(6, {
    onEvent: (event, bus) => bus === NAMES.eventBus && events.push(event),
    // Each look judges everybody.
    settings: { watchSeconds: { looks: 3600, proofs: 1 } },
  });
  const { endpoint, region, credentials } = fleet.aws;
  dynamodb = new DynamoDBClient({ endpoint, region, credentials });
  kms = new KMSClient({ endpoint, region, credentials });
  sfn = new SFNClient({ endpoint, region, credentials });
  const place = { database: NAMES.timestreamDatabase, table: NAMES.timestreamTable };
  series = timestreamSeries(new TimestreamQueryClient({ endpoint, region, credentials }), place);
});
afterAll(() => fleet.close());

/** The instance that a test has for itself. */
async function instance(index: number): Promise<InstanceRecord> {
  const ec2InstanceId = fleet.aws.instances.list()[index]?.id;
  const record = (await fleet.records()).find((one) => one.ec2InstanceId === ec2InstanceId);
  if (record === undefined) throw new Error(`instance ${index} has not registered`);
  expect(record.dueAt).toBeGreaterThan(Date.now());
  return record;
}

/** Stops an agent from running, as a computer does that hangs; gives what lets it go on. */
function freeze({ ec2InstanceId }: InstanceRecord): () => void {
  const progress = join(keyFolder(fleet.aws, ec2InstanceId), "progress.json");
  const { pid } = JSON.parse(readFileSync(progress, "utf8"));
  process.kill(pid, "SIGSTOP");
  const thaw = () => void process.kill(pid, "SIGCONT");
  onTestFinished(thaw);
  return thaw;
}

/** When an instance wrote last. */
async function lastSampleAt({ id, ec2InstanceId }: InstanceRecord): Promise<number> {
  const [newest] = await series.read({ id, ec2InstanceId, from: 0, to: Date.now() + 60_000, limit: 1 });
  return newest?.timeMs ?? 0;
}

function sampleAfter(record: InstanceRecord, moment: number): Promise<boolean> {
  return until(async () => (await lastSampleAt(record)) > moment, `a sample of ${record.id}`);
}

/** Has the watch look, and gives the look's ARN. */
async function look(): Promise<string> {
  const { status, cause, executionArn = "" } = await fleet.look();
  expect(status, cause).toBe("SUCCEEDED");
  return executionArn;
}

/** Has certain ones checked, and gives what is said of each. */
async function check(ids: string[]): Promise<{ id: string; verdict: string }[]> {
  const { status, cause, output = "" } = await fleet.ended(await fleet.start({ check: { ids } }, "watch"));
  expect(status, cause).toBe("SUCCEEDED");
  return JSON.parse(output).instances;
}

const mailsOn = (subject: string) => fleet.aws.inbox.list().filter((mail) => mail.subject.includes(` on ${subject}`));

/** What the bus was told of a subject, in order, e.g. `STALE Opened`. */
const toldOn = (subject: string) =>
  events
    .filter(({ detail }) => detail.subject === subject)
    .map((event) => `${event.detail.cause} ${event["detail-type"].replace("Finding ", "")}`);

/** Waits for the one mail about a subject, and sees that it bears that title and leads to that execution. */
async function oneMail(subject: string, title: string, execution: string): Promise<string> {
  await until(() => mailsOn(subject).length > 0, `the mail about ${subject}`, 2000);
  expect(mailsOn(subject).map((mail) => mail.subject)).toEqual([`Keyturn: ${title}`]);
  const [{ text } = { text: "" }] = mailsOn(subject);
  for (const part of [`Execution:  ${execution}\n`, "It means:", "To do:", "docs/runbook.md, section "]) {
    expect(text).toContain(part);
  }
  return text;
}

test("an agent that hangs is told of by the next look, long before its key is due, once; and so is its end", async () => {
  const record = await instance(0);
  const { id, ec2InstanceId } = record;
  const thaw = freeze(record);
  const silentSince = await lastSampleAt(record);
  await until(() => Date.now() > silentSince + 3000, "three intervals of silence");
  const execution = await look();
  const text = await oneMail(id, `STALE on ${id} (${ec2InstanceId})`, execution);
  expect(text).toContain("aws ec2 describe-instances");
  expect((await fleet.record(id)).verdict).toBe("STALE");
  expect(await fleet.finding({ subject: id, cause: "STALE" })).toMatchObject({ execution });

  await look();
  expect(mailsOn(id)).toHaveLength(1);
  expect(toldOn(id)).toEqual(["STALE Opened"]);

  const thawedAt = Date.now();
  thaw();
  await sampleAfter(record, thawedAt);
  await look();
  expect((await fleet.record(id)).verdict).toBe("MATCH");
  await until(() => toldOn(id).length === 2, "the end on the bus");
  expect(toldOn(id)).toEqual(["STALE Opened", "STALE Ended"]);
  // The end stands in the mail that gathers; nobody is mailed of it alone.
  expect(mailsOn(id)).toHaveLength(1);
});

test("an altered key file is told of by the next look, and the record never says MATCH beside it", async () => {
  const record = await instance(1);
  const { id, ec2InstanceId, current } = record;
  await look();
  expect((await fleet.record(id)).verdict).toBe("MATCH");
  const file = join(keyFolder(fleet.aws, ec2InstanceId), "key.json");
  const right = readFileSync(file, "utf8");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(right), key: "0".repeat(64) }));
  const alteredAt = Date.now();
  // The sample that was under way may still be with the key of before.
  await sampleAfter(record, alteredAt + 100);
  const execution = await look();
  const text = await oneMail(id, `MISMATCH on ${id} (${ec2InstanceId})`, execution);
  expect(text).toMatch(/Last proof: +\d/);

  // Also after a rotation has looked, and refused to turn it.
  expect(await fleet.rotate(id)).toMatchObject({ status: "FAILED", error: "Keyturn.MISMATCH" });
  await look();
  expect(await fleet.record(id)).toMatchObject({ verdict: "MISMATCH", current: { generation: current.generation } });
  expect(mailsOn(id)).toHaveLength(1);

  writeFileSync(file, right);
  const mendedAt = Date.now();
  await sampleAfter(record, mendedAt);
  // Whoever has mended it has it checked, and need not wait for the next look.
  expect(await check([id, "ffffff"])).toMatchObject([{ id }, { id: "ffffff", verdict: "UNKNOWN" }]);
  await until(async () => (await check([id]))[0]?.verdict === "MATCH", "the window to pass");
  expect(await fleet.record(id)).toMatchObject({ verdict: "MATCH", current: { generation: current.generation } });
  expect(await fleet.finding({ subject: id, cause: "MISMATCH" })).toMatchObject({ endedAt: expect.any(Number) });
  expect(toldOn(id)).toEqual(expect.arrayContaining(["MISMATCH Opened", "MISMATCH Ended"]));
});

test("one that is said to be stopped and proves its key is active again with the next look", async () => {
  const { id, startedAt } = await instance(2);
  // As after hibernation, where the event of its start was lost.
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: NAMES.instanceTable,
      Key: { id: { S: id } },
      UpdateExpression: "SET #status = :stopped",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":stopped": { S: "STOPPED" } },
    }),
  );
  await look();
  const after = await fleet.record(id);
  expect(after).toMatchObject({ status: "ACTIVE", verdict: "MATCH" });
  expect(after.startedAt).toBeGreaterThan(startedAt);
  expect(mailsOn(id)).toEqual([]);
});

test("of a rotation that somebody aborts people are told what it was about and what to do", async () => {
  const { id, ec2InstanceId } = await instance(3);
  // Its command is not over before the test says so.
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  fleet.aws.commands.takeCommands(ec2InstanceId, async () => {
    await over;
    return { exitCode: 1, stdout: "", stderr: "", timedOut: false };
  });
  const executionArn = await fleet.start({ id });
  const isPushed = async () => executionName(executionArn) in ((await fleet.record(id)).pending?.pushes ?? {});
  await until(isPushed, "the push");
  await sfn.send(new StopExecutionCommand({ executionArn, cause: "to see who hears of it" }));
  await fleet.ended(executionArn);
  const text = await oneMail(id, `ExecutionCutOff on ${id} (${ec2InstanceId})`, executionArn);
  expect(text).toContain("ended ABORTED, with to see who hears of it");
  expect(text).toMatch(/Next try: +\d/);
  expect((await fleet.record(id)).failingSince).toEqual(expect.any(Number));

  // Whatever it left, the next one turns the key, and then nothing is wrong any more.
  end();
  fleet.aws.commands.takeCommands(ec2InstanceId, undefined);
  expect((await fleet.rotate(id)).status).toBe("SUCCEEDED");
  await look();
  await until(() => toldOn(id).length === 2, "the end on the bus");
  expect(toldOn(id)).toEqual(["ExecutionCutOff Opened", "ExecutionCutOff Ended"]);
});

test("what a run over the fleet could not turn leads to the rotation that failed, and that says why", async () => {
  const { id, ec2InstanceId } = await instance(4);
  fleet.aws.commands.takeCommands(ec2InstanceId, async () => ({
    ...{ exitCode: 1, stdout: "", stderr: "no space left on device", timedOut: false },
  }));
  onTestFinished(() => fleet.aws.commands.takeCommands(ec2InstanceId, undefined));
  const dueAt = Date.now() - 1000;
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: NAMES.instanceTable,
      Key: { id: { S: id } },
      UpdateExpression: "SET dueAt = :due",
      ExpressionAttributeValues: { ":due": { N: String(dueAt) } },
    }),
  );
  const run = await fleet.ended(await fleet.start({}, "fleet-rotation"));
  expect(run.status).toBe("SUCCEEDED");
  const rotation = fleet.aws.executions
    .list(flowArn("rotation"), 100)
    .find(({ name }) => name.startsWith(`${id}-due-`));
  const why = "The agent's turn ended with Failed and no receipt.";
  expect(rotation).toMatchObject({ status: "FAILED", error: "Keyturn.PushFailed" });
  expect(rotation?.cause).toContain(`The key was not turned: PushFailed in PushToInstance. ${why}`);
  const text = await oneMail(id, `PushFailed on ${id} (${ec2InstanceId})`, rotation?.arn ?? "");
  expect(text).toContain(why);
  expect(text).not.toContain(run.executionArn);
});

test("where the records are gone, the hosts that are left speak: five by themselves, and one mail for all", async () => {
  const hosts = fleet.aws.instances.list();
  const upSince = Math.max(...(await fleet.records()).map(({ registeredAt }) => registeredAt));
  const TableName = NAMES.instanceTable;
  await dynamodb.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists({ client: dynamodb, minDelay: 1, maxWaitTime: 10 }, { TableName });
  // As a table that was restored to before any of them had registered.
  await createInstanceTable(dynamodb, await keyNamed(kms, NAMES.tableKey, "SYMMETRIC_DEFAULT"));
  await until(() => Date.now() > upSince + 11_000, "the hosts to be up for ten intervals");
  const execution = await look();
  const told = () => fleet.aws.inbox.list().filter(({ subject }) => subject.includes("NeverRegistered"));
  await until(() => told().length === 6, "the mails", 2000);
  const [all, ...each] = told().toSorted((one, other) => (one.subject < other.subject ? -1 : 1));
  expect(all?.subject).toBe("Keyturn: NeverRegistered on 6 at once");
  for (const { id } of hosts) expect(all?.text).toContain(`  NeverRegistered on ${id}: since `);
  expect(each.map(({ subject }) => subject.slice(0, -20))).toEqual(Array(5).fill("Keyturn: NeverRegistered on"));
  for (const { text } of told()) expect(text).toContain(execution);

  await look();
  expect(told()).toHaveLength(6);
});
