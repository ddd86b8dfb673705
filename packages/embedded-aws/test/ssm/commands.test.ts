import {
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type SendCommandCommandInput,
} from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DOCUMENT, FakeShell, HastyClock, instance, openSsm } from "./harness.ts";

let shell: FakeShell;
let clock: HastyClock;
let opened: Awaited<ReturnType<typeof openSsm>>;

beforeEach(async () => {
  shell = new FakeShell();
  clock = new HastyClock();
  for (let n = 1; n <= 5; n += 1) shell.states.set(instance(n), "running");
  opened = await openSsm(shell, { clock });
  opened.ssm.deployDocument("Test-Turn", JSON.stringify(DOCUMENT));
});

afterEach(() => opened.close());

async function send(input: Partial<SendCommandCommandInput> = {}): Promise<string> {
  const { Command } = await opened.client.send(
    new SendCommandCommand({
      DocumentName: "Test-Turn",
      InstanceIds: [instance(1)],
      ...input,
    }),
  );
  return Command?.CommandId ?? "";
}
const get = (CommandId: string, n = 1) =>
  opened.client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: instance(n) }));
const commandOf = async (CommandId: string) =>
  (await opened.client.send(new ListCommandsCommand({ CommandId }))).Commands?.[0];
const runs = (count: number) => expect.poll(() => shell.runs.length).toBe(count);
/** Waits until the invocation on instance `n` has this status. */
const reaches = (id: string, StatusDetails: string, n = 1) =>
  expect.poll(() => get(id, n)).toMatchObject({ StatusDetails });

describe("a command", () => {
  test("runs the document's script", async () => {
    const id = await send({ Comment: "turn 2" });
    await runs(1);
    expect(shell.runs[0]).toMatchObject({
      id: instance(1),
      run: {
        script: "echo one\necho {{two}}",
        timeoutMs: 300_000,
      },
    });
    expect(await get(id)).toMatchObject({ Status: "InProgress", StatusDetails: "InProgress", ResponseCode: -1 });
    shell.runs[0]?.end({ stdout: "done\n", stderr: "a word" });
    await reaches(id, "Success");
    expect(await get(id)).toMatchObject({
      CommandId: id,
      InstanceId: instance(1),
      Comment: "turn 2",
      DocumentName: "Test-Turn",
      DocumentVersion: "1",
      PluginName: "turn",
      Status: "Success",
      ResponseCode: 0,
      StandardOutputContent: "done\n",
      StandardErrorContent: "a word",
      ExecutionStartDateTime: expect.stringMatching(/^\d{4}-.*Z$/),
      ExecutionElapsedTime: expect.stringMatching(/^PT[\d.]+S$/),
    });
    expect(await commandOf(id)).toMatchObject({
      Status: "Success",
      Parameters: {},
      RequestedDateTime: expect.any(Date),
      TargetCount: 1,
      CompletedCount: 1,
      ErrorCount: 0,
    });
  });

  test("tells EventBridge of each change", async () => {
    const id = await send();
    await runs(1);
    shell.runs[0]?.end();
    await expect
      .poll(() => opened.told)
      .toEqual([
        { type: "invocation", instance: instance(1), status: "InProgress" },
        { type: "command", status: "InProgress" },
        { type: "invocation", instance: instance(1), status: "Success" },
        { type: "command", status: "Success" },
      ]);
    expect(opened.raised[0]).toEqual({
      source: "aws.ssm",
      "detail-type": "EC2 Command Invocation Status-change Notification",
      resources: [`arn:aws:ec2:us-east-1:000000000000:instance/${instance(1)}`],
      detail: {
        "command-id": id,
        "document-name": "Test-Turn",
        "instance-id": instance(1),
        "requested-date-time": expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        status: "InProgress",
      },
    });
  });

  test("that exits with another code than 0 has failed", async () => {
    const id = await send();
    await runs(1);
    shell.runs[0]?.end({ exitCode: 3, stderr: "refused\n" });
    await reaches(id, "Failed");
    expect(await get(id)).toMatchObject({
      Status: "Failed",
      ResponseCode: 3,
      StandardErrorContent: "refused\nfailed to run commands: exit status 3",
    });
    expect(await commandOf(id)).toMatchObject({ Status: "Failed", StatusDetails: "Failed", ErrorCount: 1 });
  });

  test("that takes too long on the instance has timed out", async () => {
    const id = await send();
    await runs(1);
    shell.runs[0]?.end({ exitCode: null, timedOut: true });
    await reaches(id, "ExecutionTimedOut");
    expect(await get(id)).toMatchObject({ Status: "TimedOut", ResponseCode: 137 });
    expect(await commandOf(id)).toMatchObject({ Status: "TimedOut", StatusDetails: "ExecutionTimedOut" });
  });

  test("waits for an instance that was stopped, and then runs", async () => {
    shell.states.set(instance(2), "running");
    const id = await send({ InstanceIds: [instance(1), instance(2)], MaxConcurrency: "1" });
    await runs(1);
    shell.states.set(instance(2), "stopped");
    shell.runs[0]?.end();
    await reaches(id, "Delayed", 2);
    shell.states.set(instance(2), "running");
    await runs(2);
    shell.runs[1]?.end();
    await reaches(id, "Success", 2);
  });

  test("that could not be delivered in time is no error of its", async () => {
    const id = await send({ InstanceIds: [instance(1), instance(2)], MaxConcurrency: "1", TimeoutSeconds: 30 });
    await runs(1);
    shell.states.set(instance(2), "stopped");
    shell.runs[0]?.end();
    await reaches(id, "Delayed", 2);
    clock.skip(30_000);
    await reaches(id, "DeliveryTimedOut", 2);
    expect(await get(id, 2)).toMatchObject({ Status: "TimedOut", ResponseCode: -1 });
    expect(await commandOf(id)).toMatchObject({
      StatusDetails: "DeliveryTimedOut",
      ErrorCount: 0,
      DeliveryTimedOutCount: 1,
    });
  });

  test("for an instance that was terminated meanwhile is undeliverable", async () => {
    const id = await send({ InstanceIds: [instance(1), instance(2)], MaxConcurrency: "1" });
    await runs(1);
    shell.states.set(instance(2), "terminated");
    shell.runs[0]?.end();
    await reaches(id, "Undeliverable", 2);
    expect(await commandOf(id)).toMatchObject({ Status: "Failed", StatusDetails: "Incomplete", ErrorCount: 0 });
  });

  test("runs again when its instance went away in the middle", async () => {
    const id = await send();
    await runs(1);
    shell.states.set(instance(1), "stopped");
    shell.runs[0]?.end({ exitCode: null });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await get(id)).toMatchObject({ Status: "InProgress" });
    shell.states.set(instance(1), "running");
    await runs(2);
    shell.runs[1]?.end();
    await reaches(id, "Success");
  });
});

describe("a command for several instances", () => {
  const all = [1, 2, 3, 4].map(instance);

  test("runs on as many at once as it allows", async () => {
    const id = await send({ InstanceIds: all, MaxConcurrency: "2" });
    await runs(2);
    shell.runs[0]?.end();
    await runs(3);
    shell.runs[1]?.end();
    await runs(4);
    shell.runs[2]?.end();
    shell.runs[3]?.end();
    await expect.poll(() => commandOf(id)).toMatchObject({ Status: "Success", CompletedCount: 4 });
  });

  test("is not sent any further after the first error", async () => {
    const id = await send({ InstanceIds: all, MaxConcurrency: "2" });
    await runs(2);
    shell.runs[0]?.end({ exitCode: 1 });
    await reaches(id, "Terminated", 4);
    expect(await get(id, 3)).toMatchObject({ Status: "Cancelled", StatusDetails: "Terminated" });
    expect(await get(id, 2)).toMatchObject({ Status: "InProgress" });
    shell.runs[1]?.end();
    await expect.poll(() => commandOf(id)).toMatchObject({ Status: "Failed", CompletedCount: 4, ErrorCount: 1 });
    expect(shell.runs).toHaveLength(2);
  });

  test("goes on while its errors are within MaxErrors", async () => {
    const id = await send({ InstanceIds: all, MaxErrors: "25%" });
    await runs(4);
    shell.runs[0]?.end({ exitCode: 1 });
    for (const run of shell.runs.slice(1)) run.end();
    await expect
      .poll(() => commandOf(id))
      .toMatchObject({ Status: "Failed", StatusDetails: "Incomplete", ErrorCount: 1 });
  });
});

describe("the results", () => {
  test("are cut to what each operation shows", async () => {
    const id = await send();
    await runs(1);
    shell.runs[0]?.end({ stdout: "o".repeat(30_000), stderr: "e".repeat(10_000) });
    await reaches(id, "Success");
    const { StandardOutputContent, StandardErrorContent } = await get(id);
    expect([StandardOutputContent?.length, StandardErrorContent?.length]).toEqual([24_000, 8_000]);
    const list = new ListCommandInvocationsCommand({ CommandId: id, Details: true });
    const { CommandInvocations } = await opened.client.send(list);
    const [plugin] = CommandInvocations?.[0]?.CommandPlugins ?? [];
    expect(plugin).toMatchObject({ Name: "turn", Status: "Success", ResponseCode: 0 });
    expect(plugin?.Output).toHaveLength(2_500);
    expect(plugin?.Output).toMatch(/o\n---Output truncated---$/);
  });

  test("are listed newest first, in pages, by instance", async () => {
    const ids = [await send(), await send({ InstanceIds: [instance(2)] }), await send()];
    const list = async (input: object) => {
      const { Commands = [], NextToken } = await opened.client.send(new ListCommandsCommand(input));
      return { ids: Commands.map(({ CommandId }) => CommandId), NextToken };
    };
    const first = await list({ MaxResults: 2 });
    expect(first.ids).toEqual([ids[2], ids[1]]);
    expect(await list({ MaxResults: 2, NextToken: first.NextToken })).toEqual({ ids: [ids[0]], NextToken: undefined });
    const { NextToken = "" } = first;
    const invalid = { name: "InvalidNextToken" };
    await expect(list({ NextToken: "1" })).rejects.toMatchObject(invalid);
    await expect(list({ NextToken, CommandId: ids[0] })).rejects.toMatchObject(invalid);
    const other = opened.client.send(new ListCommandInvocationsCommand({ NextToken }));
    await expect(other).rejects.toMatchObject(invalid);
    expect((await list({ InstanceId: instance(1) })).ids).toEqual([ids[2], ids[0]]);
    const invocations = new ListCommandInvocationsCommand({ InstanceId: instance(2) });
    const { CommandInvocations = [] } = await opened.client.send(invocations);
    expect(CommandInvocations).toMatchObject([{ CommandId: ids[1], InstanceId: instance(2), CommandPlugins: [] }]);
  });

  test("of a command or plugin that is not there are refused", async () => {
    await expect(get("00000000-0000-4000-8000-000000000000")).rejects.toMatchObject({ name: "InvocationDoesNotExist" });
    const CommandId = await send();
    await expect(get(CommandId, 2)).rejects.toMatchObject({ name: "InvocationDoesNotExist" });
    const other = new GetCommandInvocationCommand({ CommandId, InstanceId: instance(1), PluginName: "other" });
    await expect(opened.client.send(other)).rejects.toMatchObject({ name: "InvalidPluginName" });
  });
});

test.each<[Partial<SendCommandCommandInput>, string]>([
  [{ DocumentName: "Absent" }, "InvalidDocument"],
  [{ DocumentVersion: "9" }, "InvalidDocumentVersion"],
  [{ InstanceIds: [instance(9)] }, "InvalidInstanceId"],
  [{ InstanceIds: [instance(1), instance(1)] }, "DuplicateInstanceId"],
  [{ InstanceIds: [] }, "ValidationException"],
  [{ InstanceIds: Array.from({ length: 51 }, (_, n) => instance(n)) }, "ValidationException"],
  [{ Comment: "x".repeat(101) }, "ValidationException"],
  [{ TimeoutSeconds: 29 }, "ValidationException"],
  [{ MaxErrors: "-1" }, "ValidationException"],
  [{ MaxConcurrency: "0" }, "ValidationException"],
  [{ Targets: [{ Key: "tag:Name", Values: ["a"] }] }, "ValidationException"],
  [{ Parameters: { id: ["0a1b2c"] } }, "InvalidParameters"],
])("SendCommand with %j is refused, and nothing is sent", async (input, name) => {
  await expect(send(input)).rejects.toMatchObject({ name });
  const { Commands } = await opened.client.send(new ListCommandsCommand({}));
  expect([Commands, shell.runs]).toEqual([[], []]);
});

test("a command is not for an instance that does not run", async () => {
  shell.states.set(instance(1), "stopped");
  await expect(send()).rejects.toMatchObject({
    name: "InvalidInstanceId",
    message: `Instances [[${instance(1)}]] not in a valid state for account 000000000000`,
  });
});
