import { afterEach, expect, test } from "vitest";
import { lambda, named, openWorld, short, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

const pass = { Type: "Pass", End: true };

test("branches have chains of their own, and the Parallel goes on from the last event of them", async () => {
  world = await openWorld();
  const branch = (name: string) => ({ StartAt: name, States: { [name]: pass } });
  const { events, output } = await world.run(
    { P: { Type: "Parallel", Branches: [branch("A"), branch("B")], End: true } },
    5,
  );
  expect(output).toEqual([5, 5]);
  expect(short(events).slice(1)).toEqual([
    "2<0 ParallelStateEntered P",
    "3<2 ParallelStateStarted",
    "4<3 PassStateEntered A",
    "5<4 PassStateExited A",
    "6<3 PassStateEntered B",
    "7<6 PassStateExited B",
    "8<7 ParallelStateSucceeded",
    "9<7 ParallelStateExited P",
    "10<9 ExecutionSucceeded",
  ]);
});

test("a branch that fails aborts the others; the retry goes on from its last event", async () => {
  world = await openWorld({
    handlers: {
      broken: () => {
        throw named("Broken");
      },
    },
  });
  const arn = await world.begin({
    P: {
      Type: "Parallel",
      Branches: [
        { StartAt: "W", States: { W: { Type: "Wait", Seconds: 60, End: true } } },
        {
          StartAt: "T",
          States: {
            T: {
              ...{ Type: "Task", Resource: "arn:aws:states:::lambda:invoke", End: true },
              Arguments: { FunctionName: lambda("broken") },
            },
          },
        },
      ],
      Retry: [{ ErrorEquals: ["Broken"], MaxAttempts: 1, IntervalSeconds: 1 }],
      Catch: [{ ErrorEquals: ["Broken"], Next: "C" }],
      Next: "C",
    },
    C: pass,
  });
  await world.until(arn, "TaskStateAborted");
  world.clock.advance(1000);
  const { events } = await world.ended(arn);
  expect(short(events).slice(3)).toEqual([
    "4<3 WaitStateEntered W",
    "5<3 TaskStateEntered T",
    "6<5 TaskScheduled",
    "7<6 TaskStarted",
    "8<7 TaskFailed",
    "9<8 TaskStateAborted",
    "10<8 WaitStateAborted",
    "11<8 ParallelStateStarted",
    "12<11 WaitStateEntered W",
    "13<11 TaskStateEntered T",
    "14<13 TaskScheduled",
    "15<14 TaskStarted",
    "16<15 TaskFailed",
    "17<16 TaskStateAborted",
    "18<16 WaitStateAborted",
    "19<16 ParallelStateFailed",
    "20<19 ParallelStateExited P",
    "21<20 PassStateEntered C",
    "22<21 PassStateExited C",
    "23<22 ExecutionSucceeded",
  ]);
});

const map = (processor: object, more: object = {}) => ({
  M: { Type: "Map", ItemProcessor: { StartAt: Object.keys(processor)[0], States: processor }, End: true, ...more },
});

test("one iteration after the other", async () => {
  world = await openWorld();
  const { events } = await world.run(map({ I: pass }, { MaxConcurrency: 1 }), ["a", "b"]);
  expect(short(events).slice(1)).toEqual([
    "2<0 MapStateEntered M",
    "3<2 MapStateStarted",
    "4<3 MapIterationStarted M 0",
    "5<4 PassStateEntered I",
    "6<5 PassStateExited I",
    "7<6 MapIterationSucceeded M 0",
    "8<6 MapIterationStarted M 1",
    "9<8 PassStateEntered I",
    "10<9 PassStateExited I",
    "11<10 MapIterationSucceeded M 1",
    "12<11 MapStateSucceeded",
    "13<11 MapStateExited M",
    "14<13 ExecutionSucceeded",
  ]);
  expect(events[2]?.mapStateStartedEventDetails).toEqual({ length: 2 });
});

test("a Map over nothing ends at once", async () => {
  world = await openWorld();
  const { events, output } = await world.run(map({ I: pass }), []);
  expect(output).toEqual([]);
  expect(short(events).slice(3)).toEqual(["4<3 MapStateSucceeded", "5<3 MapStateExited M", "6<5 ExecutionSucceeded"]);
});

test("an iteration that fails aborts those under way and fails the Map", async () => {
  world = await openWorld();
  const { events, error } = await world.run(
    map({
      C: { Type: "Choice", Choices: [{ Condition: "{% $states.input = 0 %}", Next: "W" }], Default: "F" },
      W: { Type: "Wait", Seconds: 60, End: true },
      F: { Type: "Fail", Error: "Boom" },
    }),
    [0, 1],
  );
  expect(error).toBe("Boom");
  const failed = events.find(({ type }) => type === "FailStateEntered")?.id ?? 0;
  expect(short(events).slice(failed)).toEqual([
    `${failed + 1}<${failed} MapIterationAborted M 0`,
    `${failed + 2}<${failed} WaitStateAborted`,
    `${failed + 3}<${failed} MapIterationFailed M 1`,
    `${failed + 4}<${failed} MapStateFailed`,
    `${failed + 5}<${failed + 4} ExecutionFailed`,
  ]);
});

test("items that are no array fail the Map, with or without an expression", async () => {
  world = await openWorld();
  const without = await world.run(map({ I: pass }), { a: 1 });
  expect(without.cause).toMatch(
    /\(entered at the event id #2\)\. Map state input must be an array but was: \{"a":1\}$/,
  );
  expect(without.events[2]?.evaluationFailedEventDetails?.location).toBeUndefined();
  const { events, cause } = await world.run(map({ I: pass }, { Items: "{% 'no' %}" }));
  expect(cause).toContain(
    "'Items' returned an unexpected result type. Expected 'array', but was 'string' for value: \"no\"",
  );
  expect(short(events).slice(1)).toEqual([
    "2<0 MapStateEntered M",
    "3<0 EvaluationFailed",
    "4<3 MapStateFailed",
    "5<4 ExecutionFailed",
  ]);
});

test("a Choice that leads nowhere cannot be caught", async () => {
  world = await openWorld();
  const { events, error, cause } = await world.run({
    P: {
      Type: "Parallel",
      Branches: [
        {
          StartAt: "C",
          States: { C: { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "D" }] }, D: pass },
        },
      ],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "E" }],
      Next: "E",
    },
    E: pass,
  });
  expect(error).toBe("States.Runtime");
  expect(cause).toMatch(/'C' \(entered at the event id #4\)\. Failed to transition out of the state\./);
  expect(short(events).slice(3)).toEqual(["4<3 ChoiceStateEntered C", "5<4 ExecutionFailed"]);
});

test("a catcher whose own Output fails fails the state a second time", async () => {
  world = await openWorld();
  const { events, error } = await world.run({
    P: {
      Type: "Parallel",
      Branches: [{ StartAt: "F", States: { F: { Type: "Fail", Error: "Boom" } } }],
      Catch: [{ ErrorEquals: ["Boom"], Output: "{% $nobody %}", Next: "E" }],
      Next: "E",
    },
    E: pass,
  });
  expect(error).toBe("States.QueryEvaluationError");
  expect(short(events).slice(3)).toEqual([
    "4<3 FailStateEntered F",
    "5<4 ParallelStateFailed",
    "6<4 EvaluationFailed",
    "7<6 ParallelStateFailed",
    "8<7 ExecutionFailed",
  ]);
  expect(events[5]?.evaluationFailedEventDetails?.location).toBe("Catch[0]/Output");
});
