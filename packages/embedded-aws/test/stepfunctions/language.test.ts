import { CreateStateMachineCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { afterEach, expect, test } from "vitest";
import { lambda, named, openWorld, ROLE, short, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

const pass = { Type: "Pass", End: true };
const output = (value: unknown) => ({ O: { Type: "Pass", Output: value, End: true } });

test.each([
  ["$partition([1..7], 3)", [[1, 2, 3], [4, 5, 6], [7]]],
  ["$partition([1, 2], 5)", [[1, 2]]],
  ["$partition([1, 2])", [[1, 2]]],
  ["$range(0, 10, 4)", [0, 4, 8]],
  ["$range(3, -3, -3)", [3, 0, -3]],
  ["$range(1, 9, 9)", 1],
  ["[$range(2, 2, 1)]", [2]],
  ["$hash('input', 'SHA-1')", "140f86aae51ab9e1cda9b4254fe98a74eb54c1a1"],
  ["$random(42)", 0.7275636800328681],
  ["$parse('{\"a\": [1]}').a", [1]],
  ["$type($parse('null'))", "null"],
  ["$match($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/).index", 0],
  ["$random() >= 0 and $random() < 1", true],
  ["$millis()", Date.parse("2026-01-01T00:00:00Z")],
  ["$now()", "2026-01-01T00:00:00.000Z"],
  ["$exists($a) ? $a : $states.input ? 1 : 2", 1],
  ["($x := 2; $x * $states.input)", 6],
  ["$map([1, 2], function($v) { $v + $states.input })", [4, 5]],
  ["$filter([{'a': 1}, {'a': 2}], function($v) { $v.a = 2 }).a", 2],
  ["($list := [{'a': 1}, {'a': 2}]; $list[a = 2].a)", 2],
])("%s", async (expression, expected) => {
  world = await openWorld();
  expect((await world.run(output(`{% ${expression} %}`), 3)).output).toEqual(expected);
});

test.each([
  ["$partition([], 2)", "returned nothing (undefined)."],
  ["$partition([1], 0)", "returned nothing (undefined)."],
  ["$partition([1], -1)", "D3137: Second argument must be zero or greater"],
  ["$partition(1, 2)", 'T0412: Argument 1 of function "partition" must be an array of undefined'],
  ["$range(0, 5)", "returned nothing (undefined)."],
  ["$range(0, 5, -1)", "returned nothing (undefined)."],
  ["$range('0', 5, 1)", 'T0410: Argument 1 of function "range" does not match function signature'],
  ["$hash('a', 'MD4')", "D3137: Hash algorithm 'MD4' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"],
  ["$parse('{')", "D3137: Invalid JSON"],
  ["$parse('1', 2)", 'T0410: Argument 2 of function "parse" does not match function signature'],
  ["$eval('1')", "T1006: Attempted to invoke a non-function"],
  ["$sum", "returned an unsupported result type."],
  ["{'f': function($x) { $x }}", "returned an unsupported result type."],
  ["1/0", "D1001: Number out of range: Infinity"],
  ["{'a': [-1/0]}", "D1001: Number out of range: -Infinity"],
  ["$parse('1e999')", "D3137: Invalid JSON"],
  ["1 + 'a'", 'T2002: The right side of the "+" operator must evaluate to a number'],
])("%s fails", async (expression, message) => {
  world = await openWorld();
  const { error, cause } = await world.run(output(`{% ${expression} %}`));
  expect(error).toBe("States.QueryEvaluationError");
  expect(cause?.endsWith(message), cause).toBe(true);
});

test("only {% %} with nothing around is an expression", async () => {
  world = await openWorld();
  const literals = { a: " {% 1 %} ", b: "$states.input", "c.$": "$.x", d: [null, 0.5, true], e: {} };
  expect((await world.run(output(literals))).output).toEqual(literals);
});

test("variables are seen from the next state on", async () => {
  world = await openWorld();
  const { output: seen, events } = await world.run({
    A: { Type: "Pass", Assign: { n: 1, old: "none" }, Next: "B" },
    B: { Type: "Pass", Assign: { n: "{% $n + 1 %}", old: "{% $n %}" }, Output: "{% $n %}", Next: "C" },
    C: { Type: "Pass", Output: ["{% $states.input %}", "{% $n %}", "{% $old %}"], End: true },
  });
  expect(seen).toEqual([1, 2, 1]);
  expect(events[4]?.stateExitedEventDetails?.assignedVariables).toEqual({ n: "2", old: "1" });
});

test("branches see the variables around them, and keep theirs to themselves", async () => {
  world = await openWorld();
  const branch = (value: number) => ({
    StartAt: `X${value}`,
    States: {
      [`X${value}`]: { Type: "Pass", Assign: { inner: value }, Next: `Y${value}` },
      [`Y${value}`]: { Type: "Pass", Output: "{% $outer + $inner %}", End: true },
    },
  });
  const { output: seen } = await world.run({
    A: { Type: "Pass", Assign: { outer: 10 }, Next: "P" },
    P: { Type: "Parallel", Branches: [branch(1), branch(2)], Assign: { all: "{% $states.result %}" }, Next: "Z" },
    Z: { Type: "Pass", Output: { all: "{% $all %}", inner: "{% $exists($inner) %}" }, End: true },
  });
  expect(seen).toEqual({ all: [11, 12], inner: false });
});

test("Parallel gives its Arguments to all branches", async () => {
  world = await openWorld();
  const { output: seen } = await world.run(
    {
      P: {
        ...{ Type: "Parallel", Arguments: { n: "{% $states.input.m %}" }, End: true },
        Branches: [{ StartAt: "X", States: { X: pass } }],
        Output: "{% $states.result[0] %}",
      },
    },
    { m: 4 },
  );
  expect(seen).toEqual({ n: 4 });
});

test("the context object", async () => {
  world = await openWorld();
  const { output: seen, arn } = await world.run(output("{% $states.context %}"), { n: 1 }, { name: "where" });
  expect(seen).toEqual({
    Execution: {
      ...{ Id: arn, Input: { n: 1 }, Name: arn.split(":").at(-1), RoleArn: "arn:aws:iam::000000000000:role/states" },
      ...{ StartTime: "2026-01-01T00:00:00.000Z", RedriveCount: 0 },
    },
    StateMachine: { Id: "arn:aws:states:us-east-1:000000000000:stateMachine:where", Name: "where" },
    State: { Name: "O", EnteredTime: "2026-01-01T00:00:00.000Z", RetryCount: 0 },
  });
});

test("the first rule that holds is taken, with its own Assign and Output", async () => {
  world = await openWorld();
  const { output: seen } = await world.run({
    C: {
      Type: "Choice",
      Choices: [
        { Condition: "{% false %}", Next: "D", Output: "first" },
        { Condition: true, Next: "D", Output: "second", Assign: { v: "of the rule" } },
      ],
      Assign: { v: "of the default" },
    },
    D: { Type: "Pass", Output: ["{% $states.input %}", "{% $v %}"], End: true },
  });
  expect(seen).toEqual(["second", "of the rule"]);
});

test("a condition that is no boolean fails", async () => {
  world = await openWorld();
  const { cause } = await world.run({
    C: { Type: "Choice", Choices: [{ Condition: "{% 'yes' %}", Next: "D" }], Default: "D" },
    D: pass,
  });
  expect(cause).toContain(
    "'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'string' for value: \"yes\"",
  );
});

test("a Fail may name its error and cause by expressions, or not at all", async () => {
  world = await openWorld();
  const state = { Type: "Fail", Error: "{% 'E' & $states.input %}", Cause: "{% 'because' %}" };
  expect(await world.run({ F: state }, 1)).toMatchObject({ status: "FAILED", error: "E1", cause: "because" });
  const bare = await world.run({ F: { Type: "Fail" } });
  expect(bare).toMatchObject({ status: "FAILED", error: undefined, cause: undefined });
  expect(short(bare.events)).toEqual(["1<0 ExecutionStarted", "2<0 FailStateEntered F", "3<2 ExecutionFailed"]);
});

const longest = 256 * 1024;
const caughtBy = (error: string, state: object) => ({
  T: { ...state, Catch: [{ ErrorEquals: [error], Next: "C", Output: "caught" }], End: true },
  C: pass,
});

// Recorded on AWS: the first four with States.ALL and with the error's own name. The rest follows as failure.ts says.
test.each([
  ["States.ALL", { Resource: lambda("long") }],
  ["States.DataLimitExceeded", { Resource: lambda("long") }],
  ["States.ALL", { Resource: "arn:aws:states:::lambda:invoke", Arguments: { FunctionName: "long" } }],
  ["States.DataLimitExceeded", { Resource: "arn:aws:states:::lambda:invoke", Arguments: { FunctionName: "long" } }],
  ["States.TaskFailed", { Resource: lambda("long") }],
])("%s catches a function's result over 256 KiB: %o", async (name, task) => {
  world = await openWorld({ handlers: { long: () => "x".repeat(longest - 1), fits: () => "x".repeat(longest - 2) } });
  const fits = await world.run({ T: { Type: "Task", Resource: lambda("fits"), End: true } });
  expect(fits.status).toBe("SUCCEEDED");
  const { output, events } = await world.run(caughtBy(name, { Type: "Task", ...task }));
  expect(output).toBe("caught");
  expect(events.map(({ type }) => type)).toContain(
    task.Resource === lambda("long") ? "LambdaFunctionFailed" : "TaskFailed",
  );
});

test("Retry with States.ALL tries a Task again whose result was over 256 KiB", async () => {
  let calls = 0;
  world = await openWorld({ handlers: { once: () => "x".repeat(++calls === 1 ? longest : 1) } });
  const Retry = [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1 }];
  const arn = await world.begin({ T: { Type: "Task", Resource: lambda("once"), Retry, End: true } });
  await world.until(arn, "LambdaFunctionFailed");
  world.clock.advance(1000);
  expect((await world.ended(arn)).output).toBe("x");
});

const long = (name: string) => ({
  StartAt: name,
  States: { [name]: { Type: "Pass", Output: "{% $pad('', 200000, 'x') %}", End: true } },
});
test.each([
  ["Output of a Task", { Type: "Task", Resource: lambda("fits"), Output: "{% $pad('', 300000, 'x') %}" }],
  ["Assign of a Task", { Type: "Task", Resource: lambda("fits"), Assign: { a: "{% $pad('', 300000, 'x') %}" } }],
  ["joined result of Parallel", { Type: "Parallel", Branches: [long("A"), long("B")] }],
  ["joined result of Map", { Type: "Map", Items: [1, 2], ItemProcessor: long("A") }],
])("%s over 256 KiB: caught by its own name, not by States.ALL or States.TaskFailed", async (_, state) => {
  world = await openWorld({ handlers: { fits: () => 1 } });
  for (const name of ["States.ALL", "States.TaskFailed"]) {
    expect(await world.run(caughtBy(name, state))).toMatchObject({
      error: "States.DataLimitExceeded",
      cause: "The state/task 'T' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
  }
  expect((await world.run(caughtBy("States.DataLimitExceeded", state))).output).toBe("caught");
});

test("a number that JSON does not know stands in no definition, input or output", async () => {
  world = await openWorld();
  const arn = await world.machine({ P: pass });
  const { client } = world;
  const start = client.send(new StartExecutionCommand({ stateMachineArn: arn, input: '{"a": 1e999}' }));
  await expect(start).rejects.toMatchObject({ name: "InvalidExecutionInput" });
  const definition = JSON.stringify({ QueryLanguage: "JSONata", StartAt: "P", States: { P: pass } });
  const infinite = definition.replace('"End"', '"Output":1e999,"End"');
  const create = client.send(new CreateStateMachineCommand({ name: "infinite", roleArn: ROLE, definition: infinite }));
  await expect(create).rejects.toMatchObject({ name: "InvalidDefinition" });
});

test.each([
  ["States.TaskFailed", "Custom", "caught"],
  ["States.ALL", "Custom", "caught"],
  ["Custom", "Custom", "caught"],
  ["Other", "Custom", undefined],
])("Catch %s of %s: %s", async (name, thrown, expected) => {
  world = await openWorld({
    handlers: {
      broken: () => {
        throw named(thrown);
      },
    },
  });
  const ended = await world.run({
    T: {
      Type: "Task",
      Resource: lambda("broken"),
      Catch: [{ ErrorEquals: [name], Next: "C", Output: "caught" }],
      End: true,
    },
    C: pass,
  });
  expect(ended.output).toBe(expected);
});

test("a function that is not there is Lambda.ResourceNotFoundException", async () => {
  world = await openWorld();
  const { error, cause } = await world.run({ T: { Type: "Task", Resource: lambda("nobody"), End: true } });
  expect(error).toBe("Lambda.ResourceNotFoundException");
  expect(cause).toMatch(/^Function not found: nobody \(Service: AWSLambda; Status Code: 404;/);
});

test("states that never wait end at the longest history that AWS allows", async () => {
  world = await openWorld();
  const arn = await world.begin({
    A: { Type: "Pass", Next: "B" },
    B: { Type: "Choice", Choices: [{ Condition: false, Next: "C" }], Default: "A" },
    C: { Type: "Succeed" },
  });
  const { error, cause, events } = await world.ended(arn);
  expect({ error, cause }).toEqual({
    error: "States.Runtime",
    cause: "The execution reached the maximum number of history events (25000).",
  });
  expect(events.length).toBeLessThanOrEqual(25_000);
});
