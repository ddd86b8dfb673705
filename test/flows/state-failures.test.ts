import { fileURLToPath } from "node:url";
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
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

/** Whether it is still waited for the first sample since it started: three intervals. */
async function isJustUp(id: string): Promise<boolean> {
  const { startedAt, registeredAt } = await fleet.record(id);
  return Date.now() - Math.max(startedAt, registeredAt) < 3_500;
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
    // The event that ends a push is lost where the state is one that only then comes into play.
    if (state === "AskForReceipt") replace("rotation-end-push", "failing");
    if (state === "FollowHost") {
      replace("rotation-read-time-series", "no-samples");
      await until(async () => (await isJustUp(before.id)) === false, "the time in which an instance is just up");
    }
    if (state === "AwaitFormer") await makeNew(before.id);
    replace(`rotation-${step}`, "failing");
    const execution = await fleet.rotate(before.id);
    expect(execution).toMatchObject({ status: "FAILED", error: "Keyturn.TestFailure" });
    // Whoever opens the execution reads there what the mail says, and not only that people were told.
    expect(execution.cause).toContain(`TestFailure in ${state}. made to fail by a test`);

    const { failingSince, current, pending } = await fleet.record(before.id);
    expect(failingSince).toEqual(expect.any(Number));
    const mail = await until(() => fleet.aws.inbox.list()[mails], "the mail");
    expect(mail.subject).toBe(`Keyturn: TestFailure on ${before.id} (${before.ec2InstanceId})`);
    for (const part of ["made to fail by a test", state, execution.executionArn]) expect(mail.text).toContain(part);
    const held = fleet.keyFile(before.ec2InstanceId);
    expect([current.generation, pending?.generation]).toContain(held.generation);

    for (const restore of replaced.values()) restore();
    const next = await fleet.rotate(before.id);
    expect(next.status, next.cause).toBe("SUCCEEDED");
    const after = await fleet.record(before.id);
    expect(after.current.generation).toBe(before.current.generation + 1);
    expect(fleet.keyFile(before.ec2InstanceId).generation).toBe(after.current.generation);
    expect(after.failingSince).toBeUndefined();
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

test.each(tasksOf("registration").filter(([, step]) => step !== "notify-sns"))(
  "when %s of a registration fails, the caller is asked to try again, and people are told",
  async (_, step) => {
    const { id, ec2InstanceId, ip } = await theInstance();
    const mails = fleet.aws.inbox.list().length;
    replace(`registration-${step}`, "failing");
    const keys = fleet.aws.credentialsOf(ec2InstanceId);
    const answer = await fleet.register({ id, ip, flag: "update" }, keys);
    expect(answer.status).toBe(502);
    const mail = await until(() => fleet.aws.inbox.list()[mails], "the mail");
    expect(mail.subject).toBe(`Keyturn: RegistrationFailed on ${ec2InstanceId} (${id})`);
    expect(mail.text).toContain("TestFailure");
    // Told once for a caller, however often its agent tries.
    expect((await fleet.register({ id, ip, flag: "update" }, keys)).status).toBe(502);
    expect(fleet.aws.inbox.list()).toHaveLength(mails + 1);
    for (const restore of replaced.values()) restore();
    expect((await fleet.register({ id, ip, flag: "update" }, keys)).status).toBe(200);
  },
);
