import { afterEach, expect, test } from "vitest";
import { delayMs } from "../../src/stepfunctions/fail.ts";
import { lambda, named, openWorld, short, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

const never = () => new Promise(() => {});
const pass = { Type: "Pass", End: true };

test("retries wait longer each time, up to the limit", async () => {
  world = await openWorld({
    handlers: {
      broken: () => {
        throw named("Broken");
      },
    },
  });
  const retry = { ErrorEquals: ["Broken"], IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10, MaxAttempts: 3 };
  const arn = await world.begin({ T: { Type: "Task", Resource: lambda("broken"), Retry: [retry], End: true } });
  for (const [attempt, delay] of [2000, 6000, 10_000].entries()) {
    await world.until(arn, "LambdaFunctionFailed", attempt + 1);
    expect(world.clock.next()).toBe(delay);
    world.clock.advance(delay - 1);
    expect((await world.history(arn)).filter(({ type }) => type === "LambdaFunctionScheduled")).toHaveLength(
      attempt + 1,
    );
    world.clock.advance(1);
  }
  expect(await world.ended(arn)).toMatchObject({ status: "FAILED", error: "Broken" });
  expect(world.functions.calls).toHaveLength(4);
});

test("jitter lies between nothing and the whole delay", async () => {
  world = await openWorld();
  const retrier = { errors: [], intervalSeconds: 2, maxAttempts: 9, backoffRate: 2, fullJitter: true };
  expect(delayMs(retrier, 1, () => Buffer.from([0, 0, 0, 0]))).toBe(0);
  expect(delayMs(retrier, 1, () => Buffer.from([0x80, 0, 0, 0]))).toBe(2000);
  expect(delayMs({ ...retrier, fullJitter: false }, 1, () => Buffer.alloc(4))).toBe(4000);
});

test("each retrier counts for itself", async () => {
  const errors = ["A", "B", "A", "B"];
  world = await openWorld({
    handlers: {
      broken: () => {
        throw named(errors.shift() ?? "C");
      },
    },
  });
  const retriers = ["A", "B"].map((name) => ({ ErrorEquals: [name], MaxAttempts: 2 }));
  const arn = await world.begin({ T: { Type: "Task", Resource: lambda("broken"), Retry: retriers, End: true } });
  for (const [attempt, delay] of [1000, 1000, 2000, 2000].entries()) {
    await world.until(arn, "LambdaFunctionFailed", attempt + 1);
    expect(world.clock.next()).toBe(delay);
    world.clock.advance(delay);
  }
  expect(await world.ended(arn)).toMatchObject({ error: "C" });
});

test("a function that takes too long is given up, and its late answer changes nothing", async () => {
  let answer: (value: string) => void = () => {};
  world = await openWorld({
    handlers: {
      slow: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    },
  });
  const arn = await world.begin({
    T: {
      Type: "Task",
      Resource: lambda("slow"),
      TimeoutSeconds: "{% 5 %}",
      Next: "W",
      Catch: [{ ErrorEquals: ["States.Timeout"], Next: "W" }],
    },
    W: { Type: "Wait", Seconds: 1, End: true },
  });
  await world.until(arn, "LambdaFunctionStarted");
  world.clock.advance(5000);
  await world.until(arn, "WaitStateEntered");
  answer("late");
  world.clock.advance(1000);
  const { events, output } = await world.ended(arn);
  expect(output).toEqual({ Error: "States.Timeout" });
  expect(short(events).slice(4, 7)).toEqual([
    "5<4 LambdaFunctionTimedOut",
    "6<5 TaskStateExited T",
    "7<6 WaitStateEntered W",
  ]);
  expect(events[4]?.lambdaFunctionTimedOutEventDetails).toEqual({ error: "States.Timeout" });
});

const tokenTask = (more: object) => ({
  ...{ Type: "Task", Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", End: true, ...more },
  Arguments: { FunctionName: "take", Payload: "{% $states.context.Task.Token %}" },
});

test.each(["States.Timeout", "States.HeartbeatTimeout"])("a missed heartbeat may be caught as %s", async (name) => {
  world = await openWorld({ handlers: { take: () => null } });
  const T = tokenTask({ HeartbeatSeconds: 10, TimeoutSeconds: 60, Catch: [{ ErrorEquals: [name], Next: "C" }] });
  const arn = await world.begin({ T, C: pass });
  await world.until(arn, "TaskSubmitted");
  world.clock.advance(10_000);
  const { events, output } = await world.ended(arn);
  expect(output).toEqual({ Error: "States.Timeout" });
  expect(events.find(({ type }) => type === "TaskTimedOut")?.taskTimedOutEventDetails).toEqual({
    ...{ error: "States.Timeout", resource: "invoke.waitForTaskToken", resourceType: "lambda" },
  });
});

test("a Task that is over time is no missed heartbeat", async () => {
  world = await openWorld({ handlers: { take: () => null } });
  const T = tokenTask({ TimeoutSeconds: 60, Catch: [{ ErrorEquals: ["States.HeartbeatTimeout"], Next: "C" }] });
  const arn = await world.begin({ T, C: pass });
  await world.until(arn, "TaskSubmitted");
  world.clock.advance(60_000);
  expect(await world.ended(arn)).toMatchObject({ status: "FAILED", error: "States.Timeout" });
});

test("a Wait ends when its seconds are over, or at its moment", async () => {
  world = await openWorld();
  const arn = await world.begin(
    {
      A: { Type: "Wait", Seconds: "{% $states.input.s %}", Next: "B" },
      B: { Type: "Wait", Timestamp: "2026-01-01T01:01:00+01:00", Next: "C" },
      C: { Type: "Wait", Timestamp: "2020-02-29T00:00:00.123456789Z", End: true },
    },
    { s: 20 },
  );
  await world.until(arn, "WaitStateEntered");
  world.clock.advance(19_999);
  expect(await world.history(arn)).toHaveLength(2);
  world.clock.advance(1);
  await world.until(arn, "WaitStateEntered", 2);
  expect(world.clock.next()).toBe(40_000);
  world.clock.advance(40_000);
  expect(await world.ended(arn)).toMatchObject({ status: "SUCCEEDED", output: { s: 20 } });
});

test("an execution that takes longer than its machine allows is timed out", async () => {
  world = await openWorld({ handlers: { never } });
  const states = {
    T: { Type: "Task", Resource: lambda("never"), Catch: [{ ErrorEquals: ["States.ALL"], Next: "C" }], End: true },
    C: pass,
  };
  const arn = await world.begin(states, {}, { top: { TimeoutSeconds: 30 } });
  await world.until(arn, "LambdaFunctionStarted");
  world.clock.advance(30_000);
  const { status, error, events } = await world.ended(arn);
  expect({ status, error }).toEqual({ status: "TIMED_OUT", error: undefined });
  expect(short(events).at(-1)).toBe("5<0 ExecutionTimedOut");
  expect(world.raised.map((line) => line.split(": ")[1])).toEqual(["RUNNING", "TIMED_OUT"]);
});
