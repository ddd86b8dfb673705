import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SendTaskSuccessCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Store } from "../../src/store.ts";
import { HandClock, lambda, named, openWorld, short, type World } from "./world.ts";

let folder: string;
let clock: HandClock;
let world: World;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stepfunctions-"));
  clock = new HandClock();
});
afterEach(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

type Handlers = NonNullable<Parameters<typeof openWorld>[0]>["handlers"];

/** The process dies and another one starts on the same folder. */
async function restart(handlers: Handlers = {}): Promise<void> {
  await world.kill();
  world = await openWorld({ folder, clock, handlers, seed: `life ${restarts}` });
  restarts += 1;
}
let restarts = 0;

async function open(handlers: Handlers = {}): Promise<void> {
  world = await openWorld({ folder, clock, handlers });
}

const never = () => new Promise(() => {});
const pass = { Type: "Pass", End: true };

test("a function that was under way is called again, and nothing stands in the history twice", async () => {
  await open({ work: never });
  const arn = await world.begin({
    T: { Type: "Task", Resource: lambda("work"), Arguments: { n: 1 }, Next: "C" },
    C: pass,
  });
  await world.until(arn, "LambdaFunctionStarted");
  const before = await world.history(arn);
  await restart({ work: (event) => event });
  const { events, output } = await world.ended(arn);
  expect(output).toEqual({ n: 1 });
  expect(world.functions.calls).toEqual([{ name: "work", payload: { n: 1 } }]);
  expect(events.slice(0, before.length)).toEqual(before);
  expect(short(events).slice(before.length)).toEqual([
    "5<4 LambdaFunctionSucceeded",
    "6<5 TaskStateExited T",
    "7<6 PassStateEntered C",
    "8<7 PassStateExited C",
    "9<8 ExecutionSucceeded",
  ]);
});

test("a wait goes on, and ends at once if its time passed meanwhile", async () => {
  await open();
  const states = { W: { Type: "Wait", Seconds: 100, Next: "X" }, X: { Type: "Wait", Seconds: 50, End: true } };
  const arn = await world.begin(states);
  await world.until(arn, "WaitStateEntered");
  clock.advance(40_000);
  await restart();
  expect(clock.next()).toBe(60_000);
  clock.advance(60_000);
  await world.until(arn, "WaitStateEntered", 2);
  await world.close();
  clock.advance(500_000);
  await open();
  expect((await world.ended(arn)).status).toBe("SUCCEEDED");
});

test("a retry waits on, and counts those before", async () => {
  const broken = () => {
    throw named("Broken");
  };
  await open({ broken });
  const retry = [{ ErrorEquals: ["Broken"], IntervalSeconds: 10, MaxAttempts: 2 }];
  const arn = await world.begin({ T: { Type: "Task", Resource: lambda("broken"), Retry: retry, End: true } });
  await world.until(arn, "LambdaFunctionFailed");
  await restart({ broken });
  clock.advance(10_000);
  await world.until(arn, "LambdaFunctionFailed", 2);
  await restart({ broken });
  expect(clock.next()).toBe(20_000);
  clock.advance(20_000);
  const { events, error } = await world.ended(arn);
  expect(error).toBe("Broken");
  expect(events.filter(({ type }) => type === "LambdaFunctionFailed")).toHaveLength(3);
});

test("tokens stay valid, and their heartbeats and time limits go on", async () => {
  let taskToken = "";
  const take = (token: string) => {
    taskToken = token;
  };
  await open({ take });
  const T = {
    ...{ Type: "Task", Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", End: true, HeartbeatSeconds: 30 },
    Arguments: { FunctionName: "take", Payload: "{% $states.context.Task.Token %}" },
  };
  const arn = await world.begin({ T });
  await world.until(arn, "TaskSubmitted");
  await restart({ take });
  expect(world.functions.calls).toEqual([]);
  expect(clock.next()).toBe(30_000);
  await world.client.send(new SendTaskSuccessCommand({ taskToken, output: "5" }));
  expect(await world.ended(arn)).toMatchObject({ status: "SUCCEEDED", output: 5 });
});

test("a machine's time limit goes on", async () => {
  await open({ never });
  const arn = await world.begin(
    { T: { Type: "Task", Resource: lambda("never"), End: true } },
    {},
    { top: { TimeoutSeconds: 60 } },
  );
  await restart({ never });
  expect(clock.next()).toBe(60_000);
  clock.advance(60_000);
  expect(await world.ended(arn)).toMatchObject({ status: "TIMED_OUT" });
});

test("branches and iterations go on where they were, with their variables", async () => {
  await open({ work: never });
  const branch = {
    StartAt: "T",
    States: { T: { Type: "Task", Resource: lambda("work"), Arguments: "{% $v %}", End: true } },
  };
  const items = {
    StartAt: "I",
    States: {
      I: { Type: "Pass", Assign: { i: "{% $states.input %}" }, Next: "W" },
      W: { Type: "Wait", Seconds: 5, Next: "O" },
      O: { Type: "Pass", Output: "{% $i * $v %}", End: true },
    },
  };
  const maps = {
    StartAt: "M",
    States: { M: { Type: "Map", Items: [1, 2, 3], MaxConcurrency: 2, ItemProcessor: items, End: true } },
  };
  const arn = await world.begin({
    A: { Type: "Pass", Assign: { v: 10 }, Next: "P" },
    P: { Type: "Parallel", Branches: [branch, maps], End: true },
  });
  await world.until(arn, "WaitStateEntered", 2);
  await restart({ work: (event) => event });
  clock.advance(5000);
  await world.until(arn, "WaitStateEntered", 3);
  await restart();
  clock.advance(5000);
  const { output, events } = await world.ended(arn);
  expect(output).toEqual([10, [10, 20, 30]]);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  expect(events.filter(({ type }) => type === "MapIterationSucceeded")).toHaveLength(3);
});

test("nested executions and the children of a Distributed Map are started once", async () => {
  await open({ work: never });
  const nested = await world.machine({ T: { Type: "Task", Resource: lambda("work"), End: true } }, { name: "nested" });
  const start = {
    ...{ Type: "Task", Resource: "arn:aws:states:::states:startExecution.sync:2", End: true },
    Arguments: { StateMachineArn: nested, Input: { n: "{% $states.input %}" } },
    Output: "{% $states.result.Output.n %}",
  };
  const M = {
    ...{ Type: "Map", Items: [1, 2], End: true },
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      ...{ StartAt: "S", States: { S: start } },
    },
  };
  const arn = await world.begin({ M }, {}, { name: "fleet" });
  while (world.functions.calls.length < 2) await new Promise(setImmediate);
  await restart({ work: never });
  while (world.functions.calls.length < 2) await new Promise(setImmediate);
  await restart({ work: (event) => event });
  expect(await world.ended(arn)).toMatchObject({ status: "SUCCEEDED", output: [1, 2] });
  expect(world.stepFunctions.list(nested)).toHaveLength(2);
});

test("branches that waited for one execution fail with it once, if it failed as the process ended", async () => {
  await open({ work: never });
  const nested = await world.machine({ T: { Type: "Task", Resource: lambda("work"), End: true } }, { name: "nested" });
  const start = {
    ...{ Type: "Task", Resource: "arn:aws:states:::states:startExecution.sync:2", End: true },
    Arguments: { StateMachineArn: nested, Name: "the-same", Input: {} },
  };
  const branches = ["A", "B"].map((name) => ({ StartAt: name, States: { [name]: start } }));
  const arn = await world.begin({ P: { Type: "Parallel", Branches: branches, End: true } });
  await world.until(arn, "TaskSubmitted", 2);
  await world.kill();
  // So the store stands when the process dies between the end of an execution and the next step of who waits for it.
  const store = new Store(folder);
  store.db.exec("UPDATE sfn_executions SET status = 'FAILED', error = 'Broken', stopped = 0 WHERE name = 'the-same'");
  store.close();
  await open();
  const { status, error, events } = await world.ended(arn);
  expect({ status, error }).toEqual({ status: "FAILED", error: "States.TaskFailed" });
  expect(events.filter(({ type }) => type === "ExecutionFailed")).toHaveLength(1);
  expect(world.log).toEqual([]);
});

test("after the process ended at any step, the outcome is the same", async () => {
  const states = {
    A: {
      Type: "Task",
      Resource: lambda("work"),
      Arguments: { n: 1 },
      Assign: { a: "{% $states.result.n %}" },
      Next: "P",
    },
    P: {
      Type: "Parallel",
      Branches: [
        {
          StartAt: "B",
          States: {
            B: { Type: "Wait", Seconds: 1, Next: "D" },
            D: { Type: "Task", Resource: lambda("work"), Arguments: { n: 2 }, End: true },
          },
        },
        { StartAt: "C", States: { C: { Type: "Task", Resource: lambda("work"), Arguments: { n: 3 }, End: true } } },
      ],
      Output: "{% [$states.result.n, $a] %}",
      End: true,
    },
  };
  // Each life of the process answers one call of a function, or lets one wait pass, and then ends.
  let answers = 0;
  const once = (event: unknown) => {
    if (answers > 0) return never();
    answers += 1;
    return event;
  };
  await open({ work: once });
  const stateMachineArn = await world.machine(states);
  const { executionArn: arn = "" } = await world.client.send(new StartExecutionCommand({ stateMachineArn }));
  for (let life = 0; life < 12; life += 1) {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    clock.advance(500);
    answers = 0;
    await restart({ work: once });
  }
  const { output, events } = await world.ended(arn);
  expect(output).toEqual([2, 3, 1]);
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
  for (const type of ["LambdaFunctionScheduled", "LambdaFunctionSucceeded"]) {
    expect(events.filter((event) => event.type === type)).toHaveLength(3);
  }
  expect(world.log).toEqual([]);
});
