import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lambda, openWorld, ROLE, short, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld({ handlers: { never: () => new Promise(() => {}), echo: (event) => event } });
});
afterEach(() => world.close());

const pass = { A: { Type: "Pass", End: true } };
const waits = { W: { Type: "Wait", Seconds: 60, End: true } };

/** The calls that ask for one execution. */
function onExecution(executionArn: string | undefined): (() => Promise<unknown>)[] {
  return [
    () => world.client.send(new DescribeExecutionCommand({ executionArn })),
    () => world.client.send(new GetExecutionHistoryCommand({ executionArn })),
    () => world.client.send(new StopExecutionCommand({ executionArn })),
  ];
}

test("a start with the same name and input is the same start, while it runs", async () => {
  const stateMachineArn = await world.machine(waits);
  const start = (input: string) => world.client.send(new StartExecutionCommand({ stateMachineArn, name: "n", input }));
  const first = await start('{"a": 1}');
  expect(await start('{"a": 1}')).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
  const exists = {
    name: "ExecutionAlreadyExists",
    message: `Execution Already Exists: '${first.executionArn}'`,
  };
  await expect(start('{"a": 2}')).rejects.toMatchObject(exists);
  await world.client.send(new StopExecutionCommand({ executionArn: first.executionArn }));
  await expect(start('{"a": 1}')).rejects.toMatchObject(exists);
  expect(world.stepFunctions.list(stateMachineArn)).toHaveLength(1);
});

test("a stopped execution is aborted with the error and cause given", async () => {
  const executionArn = await world.begin(waits);
  await world.until(executionArn, "WaitStateEntered");
  await world.client.send(new StopExecutionCommand({ executionArn, error: "Enough", cause: "By hand." }));
  const { status, error, cause, events } = await world.ended(executionArn);
  expect({ status, error, cause }).toEqual({ status: "ABORTED", error: "Enough", cause: "By hand." });
  expect(short(events).at(-1)).toBe("3<0 ExecutionAborted");
  expect(world.clock.next()).toBeUndefined();
  await world.client.send(new StopExecutionCommand({ executionArn }));
  expect(await world.history(executionArn)).toHaveLength(3);
});

test("Standard executions tell of their start and their end", async () => {
  const { arn } = await world.run(pass);
  const name = arn.split(":").at(-1);
  expect(world.raised).toEqual([`${name}: RUNNING`, `${name}: SUCCEEDED`]);
});

test.each([
  ...["a b", "a:b", "a/b", "what?", "a\u0000"].map((name) => [name, "InvalidName"]),
  ...["", "x".repeat(81)].map((name) => [name, "ValidationException"]),
])("the name %j is refused: %s", async (name, error) => {
  const stateMachineArn = await world.machine(pass);
  const start = world.client.send(new StartExecutionCommand({ stateMachineArn, name }));
  await expect(start).rejects.toMatchObject({ name: error });
  const create = new CreateStateMachineCommand({ name, roleArn: ROLE, definition: "{}" });
  await expect(world.client.send(create)).rejects.toMatchObject({ name: error });
});

test.each(["role", "arn:aws:iam::000000000000:user/u", "arn:aws:iam::1:role/r", "arn:aws:iam::000000000000:role/"])(
  "%s is no role's ARN",
  async (roleArn) => {
    const stateMachineArn = await world.machine(pass);
    const refused = { name: "InvalidArn", message: `Invalid Role Arn: '${roleArn}'` };
    const definition = JSON.stringify({ QueryLanguage: "JSONata", StartAt: "A", States: pass });
    const create = world.client.send(new CreateStateMachineCommand({ name: "r", roleArn, definition }));
    await expect(create).rejects.toMatchObject(refused);
    const update = world.client.send(new UpdateStateMachineCommand({ stateMachineArn, roleArn }));
    await expect(update).rejects.toMatchObject(refused);
  },
);

test("a stop's error has 256 characters at most, its cause 32768", async () => {
  const executionArn = await world.begin(waits);
  const stop = (given: object) => world.client.send(new StopExecutionCommand({ executionArn, ...given }));
  for (const given of [{ error: "x".repeat(257) }, { cause: "x".repeat(32_769) }]) {
    await expect(stop(given)).rejects.toMatchObject({ name: "ValidationException" });
  }
  await stop({ error: "x".repeat(256), cause: "x".repeat(32_768) });
  expect((await world.ended(executionArn)).cause).toHaveLength(32_768);
});

test("a page's token is good for its own listing alone", async () => {
  const { client } = world;
  const stateMachineArn = await world.machine(waits);
  const other = await world.machine(waits);
  for (const arn of [stateMachineArn, stateMachineArn, other]) {
    await client.send(new StartExecutionCommand({ stateMachineArn: arn }));
  }
  const page = await client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1 }));
  const executionArn = page.executions?.[0]?.executionArn;
  const { nextToken } = page;
  const invalid = { name: "InvalidToken" };
  for (const asked of [
    () => client.send(new ListExecutionsCommand({ stateMachineArn: other, nextToken })),
    () => client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: "RUNNING", nextToken })),
    () => client.send(new ListStateMachinesCommand({ nextToken })),
    () => client.send(new GetExecutionHistoryCommand({ executionArn, nextToken })),
  ]) {
    await expect(asked()).rejects.toMatchObject(invalid);
  }
  const forwards = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1 }));
  const turned = { executionArn, maxResults: 1, reverseOrder: true, nextToken: forwards.nextToken };
  await expect(client.send(new GetExecutionHistoryCommand(turned))).rejects.toMatchObject(invalid);
});

test("an input must be JSON and no longer than 256 KiB", async () => {
  const stateMachineArn = await world.machine(pass);
  const start = (input: string) => world.client.send(new StartExecutionCommand({ stateMachineArn, input }));
  for (const input of ["{", ""]) await expect(start(input)).rejects.toMatchObject({ name: "InvalidExecutionInput" });
  await expect(start(JSON.stringify("x".repeat(256 * 1024)))).rejects.toMatchObject({ name: "ValidationException" });
  await start(JSON.stringify("x".repeat(256 * 1024 - 2)));
});

test("what is not there is refused in AWS's words", async () => {
  const machine = "arn:aws:states:us-east-1:000000000000:stateMachine:nobody";
  await expect(world.client.send(new StartExecutionCommand({ stateMachineArn: machine }))).rejects.toMatchObject({
    ...{ name: "StateMachineDoesNotExist", message: `State Machine Does Not Exist: '${machine}'` },
  });
  const execution = "arn:aws:states:us-east-1:000000000000:execution:nobody:x";
  for (const asked of onExecution(execution)) {
    await expect(asked()).rejects.toMatchObject({
      ...{ name: "ExecutionDoesNotExist", message: `Execution Does Not Exist: '${execution}'` },
    });
  }
  await expect(
    world.client.send(new DescribeStateMachineCommand({ stateMachineArn: "arn:aws:s3:::x" })),
  ).rejects.toMatchObject({
    name: "InvalidArn",
  });
});

test("executions are listed in pages, newest first, and by status", async () => {
  const stateMachineArn = await world.machine(waits);
  const arns: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    arns.unshift((await world.client.send(new StartExecutionCommand({ stateMachineArn }))).executionArn ?? "");
  }
  await world.client.send(new StopExecutionCommand({ executionArn: arns[2] }));
  const listed: (string | undefined)[] = [];
  let nextToken: string | undefined;
  do {
    const page = await world.client.send(
      new ListExecutionsCommand({ stateMachineArn, maxResults: 2, ...(nextToken && { nextToken }) }),
    );
    listed.push(...(page.executions ?? []).map(({ executionArn }) => executionArn));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  expect(listed).toEqual(arns);
  const aborted = await world.client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: "ABORTED" }));
  expect(aborted.executions?.map(({ executionArn }) => executionArn)).toEqual([arns[2]]);
});

test("a history is read in pages, backwards, and without data", async () => {
  const { arn: executionArn, events } = await world.run(pass, { secret: 1 });
  const first = await world.client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 3 }));
  const rest = await world.client.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 3, nextToken: first.nextToken }),
  );
  expect([...(first.events ?? []), ...(rest.events ?? [])]).toEqual(events);
  expect(rest.nextToken).toBeUndefined();
  const backwards = await world.client.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }));
  expect(backwards.events).toEqual(events.toReversed());
  const without = await world.client.send(
    new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false }),
  );
  expect(JSON.stringify(without.events)).not.toContain("secret");
});

test("a machine is made once; the same again is the same, another is refused", async () => {
  const definition = JSON.stringify({ QueryLanguage: "JSONata", StartAt: "A", States: pass });
  const create = (text: string) =>
    world.client.send(new CreateStateMachineCommand({ name: "m", roleArn: ROLE, definition: text }));
  const { stateMachineArn } = await create(definition);
  expect((await create(definition)).stateMachineArn).toBe(stateMachineArn);
  await expect(create(`${definition} `)).rejects.toMatchObject({ name: "StateMachineAlreadyExists" });
  const described = await world.client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(described).toMatchObject({ definition, roleArn: ROLE, status: "ACTIVE", type: "STANDARD" });
});

test("an execution keeps the definition that it began with", async () => {
  const stateMachineArn = await world.machine({
    W: { Type: "Wait", Seconds: 1, Next: "A" },
    A: { Type: "Pass", Output: "old", End: true },
  });
  const { executionArn = "" } = await world.client.send(new StartExecutionCommand({ stateMachineArn }));
  const definition = JSON.stringify({
    QueryLanguage: "JSONata",
    StartAt: "A",
    States: { A: { Type: "Pass", Output: "new", End: true } },
  });
  await world.client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
  await world.until(executionArn, "WaitStateEntered");
  world.clock.advance(1000);
  expect((await world.ended(executionArn)).output).toBe("old");
  const of = await world.client.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  expect(of.definition).toContain("old");
  const next = await world.client.send(new StartExecutionCommand({ stateMachineArn }));
  expect((await world.ended(next.executionArn ?? "")).output).toBe("new");
  await expect(
    world.client.send(new UpdateStateMachineCommand({ stateMachineArn, definition: "{}" })),
  ).rejects.toMatchObject({ name: "InvalidDefinition" });
});

test("machines are listed in pages", async () => {
  for (const name of ["c", "a", "b"]) await world.machine(pass, { name });
  const first = await world.client.send(new ListStateMachinesCommand({ maxResults: 2 }));
  const second = await world.client.send(new ListStateMachinesCommand({ maxResults: 2, nextToken: first.nextToken }));
  const names = [...(first.stateMachines ?? []), ...(second.stateMachines ?? [])].map(({ name }) => name);
  expect(names).toEqual(["a", "b", "c"]);
});

test("a synchronous Express execution answers with its output, and its history is kept", async () => {
  const stateMachineArn = await world.machine(
    { T: { Type: "Task", Resource: lambda("echo"), Output: "{% $states.result.n %}", End: true } },
    { type: "EXPRESS" },
  );
  const answer = await world.client.send(
    new StartSyncExecutionCommand({ stateMachineArn, input: '{"n": 3}', name: "x" }),
  );
  expect(answer).toMatchObject({
    status: "SUCCEEDED",
    output: "3",
    name: "x",
    billingDetails: { billedMemoryUsedInMB: 64 },
  });
  expect(answer.executionArn).toMatch(/:express:machine-1:x:[0-9a-f-]{36}$/);
  expect(world.stepFunctions.history(answer.executionArn ?? "").map(({ type }) => type)).toContain("TaskStateExited");
  expect(world.raised).toEqual([]);
  for (const asked of onExecution(answer.executionArn)) {
    await expect(asked()).rejects.toMatchObject({ name: "StateMachineTypeNotSupported" });
  }
  const failing = await world.machine({ F: { Type: "Fail", Error: "E", Cause: "C" } }, { type: "EXPRESS" });
  const failed = await world.client.send(new StartSyncExecutionCommand({ stateMachineArn: failing }));
  expect(failed).toMatchObject({ status: "FAILED", error: "E", cause: "C" });
});

test("a Standard machine is not started synchronously", async () => {
  const stateMachineArn = await world.machine(pass);
  await expect(world.client.send(new StartSyncExecutionCommand({ stateMachineArn }))).rejects.toMatchObject({
    name: "StateMachineTypeNotSupported",
  });
});

test("what is logged belongs to a revision, too", async () => {
  const stateMachineArn = await world.machine({ A: { Type: "Pass", End: true } });
  const describe = new DescribeStateMachineCommand({ stateMachineArn });
  const { revisionId } = await world.client.send(describe);
  const loggingConfiguration = { level: "ALL" as const, includeExecutionData: true };
  const updated = await world.client.send(new UpdateStateMachineCommand({ stateMachineArn, loggingConfiguration }));
  expect(updated.revisionId).not.toBe(revisionId);
  expect(await world.client.send(describe)).toMatchObject({ revisionId: updated.revisionId, loggingConfiguration });
});

test("executions are listed of a state machine or of a Map Run, not of both", async () => {
  const stateMachineArn = await world.machine({ A: { Type: "Pass", End: true } });
  const mapRunArn = `${stateMachineArn.replace(":stateMachine:", ":mapRun:")}/Map:6a8d16c0-0000-4000-8000-000000000000`;
  await expect(world.client.send(new ListExecutionsCommand({ stateMachineArn, mapRunArn }))).rejects.toMatchObject({
    name: "ValidationException",
  });
});
