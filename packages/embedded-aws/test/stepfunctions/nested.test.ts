import { StopExecutionCommand } from "@aws-sdk/client-sfn";
import { afterEach, expect, test } from "vitest";
import { lambda, openWorld, short, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

const start = (machine: string, way: string, more: object = {}) => ({
  S: {
    ...{ Type: "Task", Resource: `arn:aws:states:::states:startExecution${way}`, End: true },
    Arguments: { StateMachineArn: machine, Input: { n: "{% $states.input %}" }, Name: "inner" },
    ...more,
  },
});
const echo = { A: { Type: "Pass", Output: "{% $states.input.n + 1 %}", End: true } };

test("a Task that only starts an execution ends at once", async () => {
  world = await openWorld({ handlers: { never: () => new Promise(() => {}) } });
  const machine = await world.machine({ T: { Type: "Task", Resource: lambda("never"), End: true } });
  const { output, events } = await world.run(start(machine, ""), 1);
  expect(output).toMatchObject({ ExecutionArn: `${machine.replace("stateMachine", "execution")}:inner` });
  expect(short(events).slice(2, 5)).toEqual(["3<2 TaskScheduled", "4<3 TaskStarted", "5<4 TaskSucceeded"]);
});

test.each([
  [".sync", '{"n":1}', "2"],
  [".sync:2", { n: 1 }, 2],
])("startExecution%s ends with the execution and hands its output on", async (way, input, output) => {
  world = await openWorld();
  const machine = await world.machine(echo);
  const ended = await world.run(start(machine, way), 1);
  expect(ended.output).toMatchObject({ Status: "SUCCEEDED", Name: "inner", Input: input, Output: output });
  expect(short(ended.events).slice(2, 6)).toEqual([
    "3<2 TaskScheduled",
    "4<3 TaskStarted",
    "5<4 TaskSubmitted",
    "6<5 TaskSucceeded",
  ]);
});

test("an execution that fails, fails the Task that waits for it", async () => {
  world = await openWorld();
  const machine = await world.machine({ F: { Type: "Fail", Error: "Inner", Cause: "It did." } });
  const { error, cause } = await world.run(start(machine, ".sync:2"), 1);
  expect(error).toBe("States.TaskFailed");
  expect(JSON.parse(cause ?? "")).toMatchObject({
    Status: "FAILED",
    Error: "Inner",
    Cause: "It did.",
    Input: { n: 1 },
  });
});

test("two Tasks that wait for the same execution, started by one name and input, both go on", async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  world = await openWorld({ handlers: { gated: () => gate.then(() => 7) } });
  const machine = await world.machine({ T: { Type: "Task", Resource: lambda("gated"), End: true } });
  const parents = [await world.begin(start(machine, ".sync:2"), 1), await world.begin(start(machine, ".sync:2"), 1)];
  for (const parent of parents) await world.until(parent, "TaskSubmitted");
  open();
  for (const parent of parents) {
    expect((await world.ended(parent)).output).toMatchObject({ Status: "SUCCEEDED", Name: "inner", Output: 7 });
  }
});

test("who stops an execution stops those that it waits for", async () => {
  world = await openWorld();
  const machine = await world.machine({ W: { Type: "Wait", Seconds: 60, End: true } });
  const executionArn = await world.begin(start(machine, ".sync:2"), 1);
  await world.until(executionArn, "TaskSubmitted");
  await world.client.send(new StopExecutionCommand({ executionArn }));
  const inner = await world.ended(`${machine.replace("stateMachine", "execution")}:inner`);
  expect(inner.status).toBe("ABORTED");
});

test("a name that is taken, and a machine that is not there, fail the Task by name", async () => {
  world = await openWorld();
  const machine = await world.machine(echo);
  await world.run(start(machine, ".sync"), 1);
  expect(await world.run(start(machine, ".sync"), 1)).toMatchObject({
    error: "StepFunctions.ExecutionAlreadyExistsException",
  });
  expect(await world.run(start(`${machine}-not`, ""), 1)).toMatchObject({
    error: "StepFunctions.StateMachineDoesNotExistException",
  });
});

test("Input: null is no input, so that the execution gets {}", async () => {
  world = await openWorld();
  const machine = await world.machine({ A: { Type: "Pass", End: true } });
  const Arguments = { StateMachineArn: machine, Input: null };
  const output = (await world.run(start(machine, ".sync:2", { Arguments }))).output as Record<string, unknown>;
  expect([output.Input, output.Output]).toEqual([{}, {}]);
});

test.each([
  ["InvalidExecutionInput", { Input: "no JSON" }],
  ["InvalidName", { Name: "a b" }],
  ["Validation", { Name: "x".repeat(81) }],
  ["Validation", { Input: "{% $pad('', 300000, '1') %}" }],
])("a nested start is checked like any other: %s", async (error, given) => {
  world = await openWorld();
  const machine = await world.machine(echo);
  const Arguments = { StateMachineArn: machine, ...given };
  const ended = await world.run(start(machine, "", { Arguments }));
  expect(ended.error).toBe(`StepFunctions.${error}Exception`);
});

test.each([
  ["states:startExecution", "{'StateMachineArn': 'm', 'TraceHeader': 'x'}", "TraceHeader"],
  ["lambda:invoke", "{'FunctionName': 'f', 'Qualifier': 'live'}", "Qualifier"],
])("what %s would not heed fails the Task", async (resource, expression, field) => {
  world = await openWorld();
  const Arguments = `{% ${expression} %}`;
  const ended = await world.run({
    T: { Type: "Task", Resource: `arn:aws:states:::${resource}`, Arguments, End: true },
  });
  expect(ended.error).toBe("States.Runtime");
  expect(ended.cause).toContain(`[The field '${field}' is not supported by Step Functions]`);
});
