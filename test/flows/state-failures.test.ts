import { fileURLToPath } from "node:url";
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { VERSION } from "../../agent/version.ts";
import type { InstanceRecord } from "../../functions/record/record.ts";
import { NAMES } from "../../infra/wiring.ts";
import { readFlow } from "../../statemachines/read.ts";
import { startTestFleet, type TestFleet, until } from "./support.ts";

let fleet: TestFleet;
let dynamodb: DynamoDBClient;
beforeAll(async () => {
  fleet = await startTestFleet(1, { settings: { pushTimeoutSeconds: 2 } });
  const { endpoint, region, credentials } = fleet.aws;
  dynamodb = new DynamoDBClient({ endpoint, region, credentials });
});
afterAll(() => fleet.close());

/** Puts a module of this folder in the place of a step's function; `restore` takes all of that back. */
const replaced = new Map<string, () => void>();
function replace(step: string, module: string): void {
  const name = `keyturn-${step}`;
  const original = fleet.aws.functions.list().find((one) => one.name === name);
  if (original === undefined) throw new Error(`there is no function ${name}`);
  const modulePath = fileURLToPath(new URL(`./functions/${module}.ts`, import.meta.url));
  fleet.aws.functions.define({ ...original, modulePath });
  if (!replaced.has(name)) replaced.set(name, () => fleet.aws.functions.define(original));
}
afterEach(async () => {
  for (const restore of replaced.values()) restore();
  replaced.clear();
  // In each test it is new to people.
  await fleet.forgetFindings();
});

async function theInstance() {
  const [record] = await fleet.records();
  if (record === undefined) throw new Error("no instance has registered");
  return record;
}

/** Whether it is still waited for the first sample since it started or was rekeyed: three intervals. */
async function isJustUp(id: string): Promise<boolean> {
  const { startedAt, registeredAt, rekeyedAt = 0 } = await fleet.record(id);
  return Date.now() - Math.max(startedAt, registeredAt, rekeyedAt) < 3_500;
}

/** As if its registration had died just before its end. */
async function makeNew(id: string): Promise<void> {
  const change = new UpdateItemCommand({
    TableName: NAMES.instanceTable,
    Key: { id: { S: id } },
    UpdateExpression: "SET #s = :new",
    ExpressionAttributeNames: { "#s": "status" },
    ExpressionAttributeValues: { ":new": { S: "NEW" } },
  });
  await dynamodb.send(change);
}

/** Calls the function of a step alone, and gives its answer. */
async function call(step: string, input: object): Promise<object> {
  const answer = await fleet.aws.functions.invoke(`keyturn-${step}`, input);
  if (!answer.ok) throw new Error(answer.errorMessage);
  return Object(answer.payload);
}

/** As a person's request leaves it whose own rotation never came. */
async function openRekey({ id, ec2InstanceId, status }: InstanceRecord): Promise<void> {
  const asked = { reason: "", requestedBy: "", execution: "by-hand", anew: false };
  await call("operate-rekey", { id, ec2InstanceId, status, ...asked });
}

/** Puts the record back to what it was before a turn, as restoring the table does: the agent is ahead of it, and says so. */
async function putBack({ id, ec2InstanceId, current: { generation } }: InstanceRecord): Promise<void> {
  const TableName = NAMES.instanceTable;
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }));
  await fleet.rotate(id);
  await dynamodb.send(new PutItemCommand({ TableName, Item }));
  const name = { id, ec2InstanceId, generation };
  await until(async () => {
    const read = await call("rotation-read-time-series", name);
    return "claimed" in (await call("rotation-verify-hash", { ...name, ...read }));
  }, "samples of a generation that the record does not know");
}

/** What brings a state about that is not met on every rotation's way. */
const ARRANGED: Record<string, (before: InstanceRecord) => Promise<void>> = {
  // The event that ends a push is lost.
  AskForReceipt: async () => replace("rotation-end-push", "failing"),
  AwaitFormer: ({ id }) => makeNew(id),
  FollowHost: async ({ id }) => {
    replace("rotation-read-time-series", "no-samples");
    await until(async () => (await isJustUp(id)) === false, "the time in which an instance is just up");
  },
  DeriveAgain: putBack,
  ValidateRekey: openRekey,
  PushRekey: openRekey,
  ConfirmRekey: openRekey,
};

/** The step that each Task state of a flow calls, from the flow's own file. */
function tasksOf(flow: string): [string, string][] {
  return Object.entries(readFlow(flow).definition.States)
    .filter(([, state]) => state.Type === "Task")
    .map(([name, state]) => {
      const placeholder = /\$\{(\w+)FunctionArn\}/.exec(state.Arguments?.FunctionName ?? "")?.[1] ?? "";
      return [name, placeholder.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()];
    });
}

test.each(tasksOf("rotation").filter(([, step]) => step !== "notify-sns"))(
  "when %s fails for good, people are told, nobody is locked out, and the next rotation turns the key",
  async (state, step) => {
    const before = await theInstance();
    const mails = fleet.aws.inbox.list().length;
    await ARRANGED[state]?.(before);
    const { generation: heldBefore } = fleet.keyFile(before.ec2InstanceId);
    replace(`rotation-${step}`, "failing");
    const execution = await fleet.rotate(before.id);
    expect(execution).toMatchObject({ status: "FAILED", error: "Keyturn.TestFailure" });
    // Whoever opens the execution reads there what the mail says, and not only that people were told.
    expect(execution.cause).toContain(`TestFailure in ${state}. made to fail by a test`);

    const { failingSince, current, pending, rekey } = await fleet.record(before.id);
    expect(failingSince).toEqual(expect.any(Number));
    const mail = await until(() => fleet.aws.inbox.list()[mails], "the mail");
    expect(mail.subject).toBe(`Keyturn: TestFailure on ${before.id} (${before.ec2InstanceId})`);
    for (const part of ["made to fail by a test", state, execution.executionArn]) expect(mail.text).toContain(part);
    const { generation: held } = fleet.keyFile(before.ec2InstanceId);
    // A record that was put back knows only the key from which the held one follows.
    const known = state === "DeriveAgain" ? held - 1 : held;
    expect([current.generation, pending?.generation, rekey?.generation]).toContain(known);

    for (const restore of replaced.values()) restore();
    const next = await fleet.rotate(before.id);
    expect(next.status, next.cause).toBe("SUCCEEDED");
    const after = await fleet.record(before.id);
    expect(after.current.generation).toBe(heldBefore + 1);
    expect(fleet.keyFile(before.ec2InstanceId).generation).toBe(after.current.generation);
    expect(after.failingSince).toBeUndefined();
    // A rekey that stood is over, and its key was agreed anew: it follows from none before.
    expect(after.rekey).toBeUndefined();
    expect(after.agentPublic !== before.agentPublic).toBe(rekey !== undefined);
  },
);

test("when the event that ends a push is lost, SSM is asked, and the key is turned", async () => {
  const before = await theInstance();
  replace("rotation-end-push", "failing");
  const execution = await fleet.rotate(before.id);
  expect(JSON.parse(execution.output ?? "{}")).toMatchObject({ outcome: "ROTATED" });
  const history = await fleet.history(execution.executionArn ?? "");
  expect(history.some(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name === "AskForReceipt")).toBe(true);
});

test("what AWS throttles is tried again, and the key is turned", async () => {
  const { id } = await theInstance();
  replace("rotation-read-time-series", "busy");
  const execution = await fleet.rotate(id);
  expect(execution.status, execution.cause).toBe("SUCCEEDED");
  const failed = (await fleet.history(execution.executionArn ?? "")).filter(({ type }) => type === "TaskFailed");
  expect(failed.map(({ taskFailedEventDetails }) => taskFailedEventDetails?.error)).toEqual([
    "TemporarilyUnavailable",
    "TemporarilyUnavailable",
  ]);
});

test("a second writer is told of, and the key is turned all the same", async () => {
  const { id } = await theInstance();
  const mails = fleet.aws.inbox.list().length;
  replace("rotation-verify-hash", "conflict");
  expect((await fleet.rotate(id)).status).toBe("SUCCEEDED");
  const mail = await until(() => fleet.aws.inbox.list()[mails], "the mail about the second writer");
  expect(mail.subject).toContain("CONFLICT");
});

test.each(["VerifyHash", "NotifyConflict"])(
  "when the notifier itself fails after %s, people are told of the execution",
  async (state) => {
    const { id, ec2InstanceId } = await theInstance();
    const mails = fleet.aws.inbox.list().length;
    replace("rotation-verify-hash", state === "VerifyHash" ? "failing" : "conflict");
    replace("rotation-notify-sns", "failing");
    const execution = await fleet.rotate(id);
    expect(execution).toMatchObject({ status: "FAILED", error: "TestFailure" });
    const mail = await until(() => fleet.aws.inbox.list()[mails], "the mail about the execution");
    expect(mail.subject).toBe(`Keyturn: ExecutionCutOff on ${id} (${ec2InstanceId})`);
    for (const part of ["made to fail by a test", "To do:", execution.executionArn]) expect(mail.text).toContain(part);
  },
);

/** How the state of a rekey fails is tried by itself: an agent asks for that, once a rekey stands. */
const isOfUpdates = ([, step]: [string, string]) => step !== "notify-sns" && step !== "derive-rekey";

test.each(tasksOf("registration").filter(isOfUpdates))(
  "when %s of a registration fails, the caller is asked to try again, and people are told",
  async (_, step) => {
    const { id, ec2InstanceId, ip } = await theInstance();
    const mails = fleet.aws.inbox.list().length;
    replace(`registration-${step}`, "failing");
    const keys = fleet.aws.credentialsOf(ec2InstanceId);
    const update = { id, ip, flag: "update", agentVersion: VERSION };
    const answer = await fleet.register(update, keys);
    expect(answer.status).toBe(502);
    const mail = await until(() => fleet.aws.inbox.list()[mails], "the mail");
    expect(mail.subject).toBe(`Keyturn: RegistrationFailed on ${ec2InstanceId} (${id})`);
    expect(mail.text).toContain("TestFailure");
    // Told once for a caller, however often its agent tries.
    expect((await fleet.register(update, keys)).status).toBe(502);
    expect(fleet.aws.inbox.list()).toHaveLength(mails + 1);
    for (const restore of replaced.values()) restore();
    expect((await fleet.register(update, keys)).status).toBe(200);
  },
);

test("when DeriveRekey fails, the agent is asked to try again, people are told, and the next rotation ends the rekey", async () => {
  const before = await theInstance();
  const { id, ec2InstanceId } = before;
  const mails = fleet.aws.inbox.list().length;
  await openRekey(before);
  replace("registration-derive-rekey", "failing");
  const execution = await fleet.rotate(id);
  expect(execution).toMatchObject({ status: "FAILED", error: "Keyturn.PushRefused" });
  expect(execution.cause).toContain("REKEY_UNAVAILABLE");
  // It stands, nobody has agreed a key, and the agent keeps the one it holds.
  const { rekey } = await fleet.record(id);
  expect(rekey?.generation).toBe(before.current.generation + 1);
  expect(rekey?.agreed).toBeUndefined();
  expect(fleet.keyFile(ec2InstanceId).generation).toBe(before.current.generation);
  await until(() => fleet.aws.inbox.list()[mails + 1], "both mails");
  expect(fleet.aws.inbox.list().slice(mails)).toMatchObject([
    { subject: `Keyturn: RegistrationFailed on ${ec2InstanceId} (${id})` },
    { subject: `Keyturn: PushRefused on ${id} (${ec2InstanceId})` },
  ]);

  for (const restore of replaced.values()) restore();
  const next = await fleet.rotate(id);
  expect(next.status, next.cause).toBe("SUCCEEDED");
  const after = await fleet.record(id);
  expect(after.rekey).toBeUndefined();
  expect(after.agentPublic).not.toBe(before.agentPublic);
  expect(after.current.generation).toBe(before.current.generation + 1);
  expect(fleet.keyFile(ec2InstanceId).generation).toBe(after.current.generation);
});
