import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DescribeStateMachineCommand,
  PublishStateMachineVersionCommand,
  SFNClient,
  StartExecutionCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { BusEvent, CallRecord } from "embedded-aws";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { dynamoRegistry } from "../../functions/clients/registry.dynamodb.ts";
import { executionName } from "../../functions/record/execution-name.ts";
import { NAMES } from "../../infra/wiring.ts";
import { turnsOf } from "../../local/fleet-runs.ts";
import { flowArn, liveArn } from "../../local/roles.ts";
import { LINE } from "../functions/support.ts";
import { FLOW_FILES, tasksOf } from "../statemachines/definitions.ts";
import { keyFolder, startTestFleet, type TestFleet, until } from "./support.ts";

let fleet: TestFleet;
let sfn: SFNClient;
let documents: DynamoDBDocumentClient;
const events: BusEvent[] = [];
const calls: CallRecord[] = [];

beforeAll(async () => {
  fleet = await startTestFleet(4, {
    onEvent: (event, bus) => bus === NAMES.eventBus && events.push(event),
    onCall: (call) => calls.push(call),
  });
  const { endpoint, region, credentials } = fleet.aws;
  const config = { endpoint, region, credentials };
  sfn = new SFNClient(config);
  documents = DynamoDBDocumentClient.from(new DynamoDBClient(config));
});
afterAll(() => fleet.close());

/** Takes back what a test has changed. */
const restores: (() => unknown)[] = [];
async function restoreAll(): Promise<void> {
  for (const restore of restores.splice(0)) await restore();
}
afterEach(restoreAll);

/** Puts a module of this folder in the place of a step's function, until the test is over. */
function replace(step: string, module: string): void {
  const original = fleet.aws.functions.list().find(({ name }) => name === `keyturn-fleet-rotation-${step}`);
  if (original === undefined) throw new Error(`there is no function keyturn-fleet-rotation-${step}`);
  const modulePath = fileURLToPath(new URL(`./functions/${module}.ts`, import.meta.url));
  fleet.aws.functions.define({ ...original, modulePath });
  restores.push(() => fleet.aws.functions.define(original));
}

/** Lets instances be due since a moment of the past, the same for all. */
async function letBeDue(instances: { id: string }[]): Promise<number> {
  const dueAt = Date.now() - 1000;
  for (const { id } of instances) {
    const update = { UpdateExpression: "SET dueAt = :due", ExpressionAttributeValues: { ":due": dueAt } };
    await documents.send(new UpdateCommand({ TableName: NAMES.instanceTable, Key: { id }, ...update }));
  }
  return dueAt;
}

/** Runs the flow fleet-rotation once, as the schedule does, or as a person who means others than those that are due. */
async function run(asked: object = {}) {
  const stateMachineArn = liveArn("fleet-rotation");
  const input = JSON.stringify(asked);
  const { executionArn = "" } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  const execution = await fleet.ended(executionArn);
  return { ...execution, executionArn, output: execution.output && JSON.parse(execution.output) };
}

/** Executions of the flow rotation that were started for what fell due at a moment. */
function rotationsDue(dueAt: number) {
  const all = fleet.aws.executions.list(flowArn("rotation"), 1000);
  return all.filter(({ name }) => name.includes(`-due-${dueAt}-`));
}

const generations = async () => (await fleet.records()).map(({ current }) => current.generation);
const finished = (executionArn: string) =>
  until(
    () =>
      events.find(
        (event) => event["detail-type"] === "Fleet Rotation Finished" && event.detail.execution === executionArn,
      ),
    "the event of the run's end",
  );

test("a run turns all that are due, each in an execution of its own, and tells the counts on the bus", async () => {
  const before = await fleet.records();
  const dueAt = await letBeDue(before);
  const { status, output, executionArn } = await run();
  const counts = { due: 4, turned: 4, skipped: 0, failed: 0, stopped: false };
  expect({ status, output }).toEqual({ status: "SUCCEEDED", output: counts });
  expect(await generations()).toEqual(before.map(({ current }) => current.generation + 1));

  const rotations = rotationsDue(dueAt);
  expect(rotations.map(({ name }) => name).sort()).toEqual(before.map(({ id }) => `${id}-due-${dueAt}-0`).sort());
  expect(new Set(rotations.map(({ status }) => status))).toEqual(new Set(["SUCCEEDED"]));
  const event = await finished(executionArn);
  expect(event.detail).toEqual({ ...counts, execution: executionArn });
  expect(fleet.aws.inbox.list()).toEqual([]);

  const turns = turnsOf(fleet.aws.executions, event);
  const expected = rotations.map(({ name }) => ({ id: name.slice(0, 6), name, outcome: "ROTATED" }));
  expect(new Set(turns)).toEqual(new Set(expected));
});

test("of runs that overlap, each knows all that it waited for", async () => {
  const before = await fleet.records();
  await letBeDue(before);
  const runs = await Promise.all([run(), run()]);
  for (const { executionArn, output } of runs) {
    const turns = turnsOf(fleet.aws.executions, await finished(executionArn));
    expect(turns).toHaveLength(output.due);
    expect(turns.filter(({ outcome }) => outcome === "ROTATED")).toHaveLength(output.turned);
  }
  expect(await generations()).toEqual(before.map(({ current }) => current.generation + 1));
});

test("who has just been turned is not due, and a run without anybody due tells nobody", async () => {
  const before = events.length;
  const { status, output } = await run();
  expect(status).toBe("SUCCEEDED");
  expect(output).toEqual({ due: 0, turned: 0, skipped: 0, failed: 0, stopped: false });
  expect(events).toHaveLength(before);
});

test("those whom somebody names are turned though they are not due, and then all are; who asked and why is in the audit", async () => {
  const before = await fleet.records();
  const [first] = before;
  if (first === undefined) throw new Error("no instance has registered");
  const one = await run({ ids: [first.id], requestedBy: "Ann", reason: "a leak" });
  expect(one).toMatchObject({ status: "SUCCEEDED", output: { due: 1, turned: 1 } });
  const claimed = {
    trigger: "fleet-rotation",
    run: executionName(one.executionArn),
    requestedBy: "Ann",
    reason: "a leak",
  };
  const { endpoint, region, credentials } = fleet.aws;
  const audit = dynamoAudit(new DynamoDBClient({ endpoint, region, credentials }), NAMES.auditTable);
  const line = await audit.last(first.id);
  expect(JSON.parse(line?.details ?? "{}")).toMatchObject({ generation: first.current.generation + 1, ...claimed });

  expect(await run({ all: true })).toMatchObject({ status: "SUCCEEDED", output: { due: 4, turned: 4, failed: 0 } });
  const turns = before.map(({ id, current }) => current.generation + (id === first.id ? 2 : 1));
  expect(await generations()).toEqual(turns);
  expect(fleet.aws.inbox.list()).toEqual([]);
});

test("two runs at once start each rotation once", async () => {
  const before = await fleet.records();
  const dueAt = await letBeDue(before);
  const runs = await Promise.all([run(), run()]);
  expect(runs.map(({ status, output }) => [status, output.failed])).toEqual([
    ["SUCCEEDED", 0],
    ["SUCCEEDED", 0],
  ]);
  expect(rotationsDue(dueAt)).toHaveLength(4);
  expect(await generations()).toEqual(before.map(({ current }) => current.generation + 1));
});

test("what is due beyond a page is turned in the same run", async () => {
  replace("list-due", "list-two");
  const before = await fleet.records();
  await letBeDue(before);
  const { status, output, executionArn } = await run();
  expect(status).toBe("SUCCEEDED");
  expect(output).toMatchObject({ due: 4, turned: 4 });
  expect(await generations()).toEqual(before.map(({ current }) => current.generation + 1));
  const entered = (await fleet.history(executionArn)).map(
    ({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name,
  );
  expect(entered.filter((name) => name === "TurnEach")).toHaveLength(2);
});

/** Whether no rotation of it has failed. */
const isSound = ({ failingSince }: { failingSince?: number }) => failingSince === undefined;

const STOPPED = { subject: "fleet", cause: "FleetRotationStopped" };

/** What people know of the run over the fleet; they are mailed once, though it comes again within an hour. */
async function whyStopped(): Promise<string | undefined> {
  const finding = await fleet.finding(STOPPED);
  return finding?.endedAt === undefined ? finding?.facts.said : undefined;
}

const tasks = FLOW_FILES.filter(({ name }) => name === "fleet-rotation").flatMap(tasksOf);

test("the tasks of the run are the two functions, and the start of a rotation that may fail", () => {
  const message = "The run has other tasks now: try in this file what happens when the new one fails, and name it here";
  expect(
    tasks.map(({ state, step }) => [state, step?.name]),
    message,
  ).toEqual([
    ["ListDue", "list-due"],
    ["Summarize", "summarize"],
    ["Turn", undefined],
  ]);
});

test.each(tasks.flatMap(({ state, step }) => (step === undefined ? [] : [[state, step.name] as const])))(
  "when %s fails for good, people are told of the run, and the next one turns the keys",
  async (state, step) => {
    const before = await fleet.records();
    const mails = fleet.aws.inbox.list().length;
    await letBeDue(before);
    replace(step, "failing");
    const { status, error, cause, executionArn } = await run();
    expect(status).toBe("FAILED");
    // The prefix says that the run itself has told people; the one who tells cannot tell of itself.
    if (state !== "Summarize")
      expect({ error, cause }).toEqual({ error: "Keyturn.FleetRotationStopped", cause: `TestFailure in ${state}` });
    const mail = await until(() => fleet.aws.inbox.list()[mails], "the mail about the run");
    expect(mail.text).toContain(executionArn);

    await restoreAll();
    await letBeDue(await fleet.records());
    expect(await run()).toMatchObject({ status: "SUCCEEDED", output: { due: 4, turned: 4 } });
    expect(fleet.aws.inbox.list()).toHaveLength(mails + 1);
  },
);

test("an instance that fails is told of by its own rotation, once, and the others are turned", async () => {
  const [victim, ...others] = await fleet.records();
  if (victim === undefined) throw new Error("no instance has registered");
  const mails = fleet.aws.inbox.list().length;
  const file = join(keyFolder(fleet.aws, victim.ec2InstanceId), "key.json");
  const content = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...content, key: "0".repeat(64) }));
  const tamperedAt = Date.now();
  await until(
    () =>
      // The sample that was under way at that moment may still be with the former key.
      calls.filter(
        ({ operation, principal, at }) =>
          operation === "WriteRecords" && principal.arn.endsWith(victim.ec2InstanceId) && at > tamperedAt,
      ).length >= 2,
    "samples with the altered key",
  );

  const dueAt = await letBeDue([victim, ...others]);
  const { status, output } = await run();
  expect({ status, output }).toEqual({
    status: "SUCCEEDED",
    output: { due: 4, turned: 3, skipped: 0, failed: 1, stopped: false },
  });
  for (const { id, current } of others)
    expect((await fleet.record(id)).current.generation).toBe(current.generation + 1);
  const { current, verdict, failingSince } = await fleet.record(victim.id);
  expect({ current, verdict, failingSince }).toEqual({
    ...{ current: victim.current, verdict: "MISMATCH", failingSince: expect.any(Number) },
  });

  const mail = await until(() => fleet.aws.inbox.list()[mails], "the mail");
  expect(mail.subject).toBe(`Keyturn: MISMATCH on ${victim.id} (${victim.ec2InstanceId})`);
  // The run itself is green: what leads to the cause is the rotation that it started.
  const rotation = rotationsDue(dueAt).find(({ name }) => name.startsWith(victim.id));
  const cause = "The key was not turned: MISMATCH in VerifyHash.";
  expect(rotation).toMatchObject({
    status: "FAILED",
    error: "Keyturn.MISMATCH",
    cause: expect.stringContaining(cause),
  });
  for (const part of ["In:         VerifyHash", "It means:", "To do:", rotation?.arn ?? ""]) {
    expect(mail.text).toContain(part);
  }
  await letBeDue([victim]);
  expect((await run()).output).toMatchObject({ due: 1, failed: 1 });
  expect(fleet.aws.inbox.list()).toHaveLength(mails + 1);
});

test("rotations that cannot even be started stop the run, and people are told", async () => {
  const { endpoint, region, credentials } = fleet.aws;
  const sfn = new SFNClient({ endpoint, region, credentials });
  const [stateMachineArn, stateMachineAliasArn] = [flowArn("fleet-rotation"), liveArn("fleet-rotation")];
  const point = (stateMachineVersionArn: string | undefined) => {
    const routingConfiguration = [{ stateMachineVersionArn, weight: 100 }];
    return sfn.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, routingConfiguration }));
  };
  const goBack = () => point(`${stateMachineArn}:1`);
  const { definition = "" } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  // A name that Step Functions takes from nobody.
  const astray = definition.replace("{% $states.input.name %}", "a/b");
  await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: astray }));
  const { stateMachineVersionArn } = await sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn }));
  await point(stateMachineVersionArn);
  restores.push(goBack);

  await letBeDue((await fleet.records()).filter(isSound).slice(0, 1));
  const { error, cause } = await run();
  expect({ error, cause }).toEqual({
    error: "Keyturn.FleetRotationStopped",
    cause: "1 rotations could not be started",
  });
  expect(await whyStopped()).toContain("1 rotations could not be started");

  // It is due still: the next run turns it, and ends what was wrong with the run before.
  await goBack();
  expect((await run()).output).toMatchObject({ due: 1, turned: 1 });
  expect(await whyStopped()).toBeUndefined();
});

test("more failures than are tolerated stop the run, and of so many the watch tells the sixth and all that follow", async () => {
  const { endpoint, region, credentials } = fleet.aws;
  const registry = dynamoRegistry(new DynamoDBClient({ endpoint, region, credentials }), NAMES.instanceTable);
  const healthy = (await fleet.records()).find(isSound);
  if (healthy === undefined) throw new Error("no instance is sound");
  const dueAt = Date.now() - 1000;
  // Records that hold another's key, as after a botched restore: each rotation fails at once, since KMS refuses it.
  for (let n = 0; n < 40; n += 1) {
    const id = `ee${n.toString(16).padStart(4, "0")}`;
    const ec2InstanceId = `i-00000000000${id}`;
    await registry.add({ ...healthy, id, ec2InstanceId, dueAt });
    restores.push(() => registry.retire(id, { ec2InstanceId, at: Date.now(), line: LINE }));
  }

  replace("list-due", "list-two");
  const mailsBefore = fleet.aws.inbox.list().length;
  const { status, error, cause, executionArn } = await run();
  expect({ status, error }).toEqual({ status: "FAILED", error: "Keyturn.FleetRotationStopped" });
  // Five failures are tolerated; the page of two in which the sixth comes is the last.
  expect(cause).toBe("6 of 6 rotations failed; the rest was not started");
  const failed = rotationsDue(dueAt);
  expect(failed.map((rotation) => rotation.error)).toEqual(Array(6).fill("Keyturn.KeyUnreadable"));

  expect((await finished(executionArn)).detail).toMatchObject({ due: 6, failed: 6, stopped: true });
  expect(await whyStopped()).toContain("6 of 6 rotations failed");
  // Each tells itself, but for the sixth.
  const told = () =>
    fleet.aws.inbox
      .list()
      .slice(mailsBefore)
      .map(({ subject }) => subject);
  const ofKeys = () => told().filter((one) => one.includes("KeyUnreadable"));
  await until(() => ofKeys().length === 5, "the mails about the first five");
  expect((await fleet.look()).status).toBe("SUCCEEDED");
  const storm = "Keyturn: KeyUnreadable on 6 at once";
  const mail = await until(() => fleet.aws.inbox.list().find(({ subject }) => subject === storm), "the storm's mail");
  for (const { name } of failed) expect(mail.text).toContain(`  KeyUnreadable on ${name.slice(0, 6)} (i-`);
  expect(mail.text).toContain("cannot be decrypted");
  expect(ofKeys()).toHaveLength(6);
});
