import { afterEach, expect, test } from "vitest";
import { lambda, openWorld, short, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

const pass = { Type: "Pass", End: true };

const map = (state: object, more: object = {}) => ({
  M: { Type: "Map", ItemProcessor: { StartAt: "I", States: { I: state } }, End: true, ...more },
});

test("ItemSelector sees the item, its index and the state's input", async () => {
  world = await openWorld();
  const item = "$states.context.Map.Item";
  const { output: seen } = await world.run(
    map(
      { Type: "Pass", Output: ["{% $states.input %}", `{% ${item}.Value %}`], End: true },
      { Items: "{% $states.input.list %}", ItemSelector: { i: `{% ${item}.Index %}`, k: "{% $states.input.k %}" } },
    ),
    { list: ["a", "b"], k: 9 },
  );
  expect(seen).toEqual([
    [{ i: 0, k: 9 }, "a"],
    [{ i: 1, k: 9 }, "b"],
  ]);
});

test("an ItemSelector that fails, fails the Map", async () => {
  world = await openWorld();
  const { error, events } = await world.run(map(pass, { ItemSelector: { x: "{% $nobody %}" } }), [1, 2]);
  expect(error).toBe("States.QueryEvaluationError");
  expect(events.at(-3)?.evaluationFailedEventDetails).toMatchObject({ state: "M", location: "ItemSelector/x" });
});

test("an ItemSelector that fails for a later item fails the Map too, and not the iteration before", async () => {
  world = await openWorld();
  const selector = { x: "{% $states.context.Map.Item.Value.x %}" };
  const { events } = await world.run(map(pass, { ItemSelector: selector, MaxConcurrency: 1 }), [{ x: 1 }, {}]);
  expect(events.at(-3)?.evaluationFailedEventDetails).toMatchObject({ state: "M", location: "ItemSelector/x" });
  expect(short(events).slice(-2)).toEqual([
    `${events.length - 1}<${events.length - 2} MapStateFailed`,
    `${events.length}<${events.length - 1} ExecutionFailed`,
  ]);
});

test("no more iterations run at once than MaxConcurrency allows", async () => {
  let running = 0;
  let most = 0;
  world = await openWorld({
    handlers: {
      work: async (event) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 2));
        running -= 1;
        return event;
      },
    },
  });
  const work = { Type: "Task", Resource: lambda("work"), End: true };
  const { output: seen } = await world.run(
    map(work, { MaxConcurrency: "{% $count($states.input) - 4 %}" }),
    [1, 2, 3, 4, 5, 6],
  );
  expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  expect(most).toBe(2);
});

const odd = {
  C: { Type: "Choice", Choices: [{ Condition: "{% $states.input % 2 = 1 %}", Next: "F" }], Default: "P" },
  F: { Type: "Fail", Error: "Odd", Cause: "It is." },
  P: pass,
};

test.each([
  [{ ToleratedFailureCount: 2 }, "SUCCEEDED"],
  [{ ToleratedFailureCount: "{% 1 %}" }, "FAILED"],
  [{ ToleratedFailurePercentage: 50 }, "SUCCEEDED"],
  [{ ToleratedFailurePercentage: 49 }, "FAILED"],
])("of four iterations two fail under %j: %s", async (tolerance, status) => {
  world = await openWorld();
  const M = { Type: "Map", ItemProcessor: { StartAt: "C", States: odd }, End: true, ...tolerance };
  const ended = await world.run({ M }, [1, 2, 3, 4]);
  expect(ended.status).toBe(status);
  if (status === "FAILED") expect(ended.error).toBe("States.ExceedToleratedFailureThreshold");
  else expect(ended.output).toEqual([{ Error: "Odd", Cause: "It is." }, 2, { Error: "Odd", Cause: "It is." }, 4]);
});

test("a Distributed Map runs its items as executions of their own, which do not see outer variables", async () => {
  world = await openWorld();
  const processor = {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
    StartAt: "I",
    States: { I: { Type: "Pass", Output: ["{% $states.input * 2 %}", "{% $exists($outer) %}"], End: true } },
  };
  const { events, output: seen } = await world.run(
    {
      A: { Type: "Pass", Assign: { outer: 1 }, Next: "M" },
      M: { Type: "Map", Label: "Items", ItemProcessor: processor, MaxConcurrency: 2, End: true },
    },
    [1, 2, 3],
    { name: "fleet" },
  );
  expect(seen).toEqual([
    [2, false],
    [4, false],
    [6, false],
  ]);
  expect(short(events).slice(3)).toEqual([
    "4<3 MapStateEntered M",
    "5<4 MapStateStarted",
    "6<5 MapRunStarted",
    "7<6 MapRunSucceeded",
    "8<7 MapStateSucceeded",
    "9<6 MapStateExited M",
    "10<9 ExecutionSucceeded",
  ]);
  const mapRunArn = events[5]?.mapRunStartedEventDetails?.mapRunArn;
  expect(mapRunArn).toMatch(/^arn:aws:states:us-east-1:000000000000:mapRun:fleet\/Items:[0-9a-f-]{36}$/);
});

test("a Distributed Map fails when more of its children fail than it tolerates", async () => {
  world = await openWorld();
  const processor = { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, StartAt: "C", States: odd };
  const { events, error, cause } = await world.run(
    { M: { Type: "Map", ItemProcessor: processor, MaxConcurrency: 1, ToleratedFailureCount: 1, End: true } },
    [1, 2, 3, 4],
  );
  expect({ error, cause }).toEqual({
    error: "States.ExceedToleratedFailureThreshold",
    cause: "The specified tolerated failure threshold was exceeded",
  });
  expect(events.slice(-3).map(({ type }) => type)).toEqual(["MapRunFailed", "MapStateFailed", "ExecutionFailed"]);
});
