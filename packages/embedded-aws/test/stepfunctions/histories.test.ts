import { afterEach, expect, test } from "vitest";
import { lambda, named, openWorld, short, type World } from "./world.ts";

let world: World;
afterEach(() => world.close());

const pass = { Type: "Pass", End: true };

test("states in a row are linked one to the other, the first to nothing", async () => {
  world = await openWorld();
  const { events, output } = await world.run({ A: { Type: "Pass", Output: [1], Next: "B" }, B: { Type: "Succeed" } });
  expect(output).toEqual([1]);
  expect(short(events)).toEqual([
    "1<0 ExecutionStarted",
    "2<0 PassStateEntered A",
    "3<2 PassStateExited A",
    "4<3 SucceedStateEntered B",
    "5<4 SucceedStateExited B",
    "6<5 ExecutionSucceeded",
  ]);
  expect(events[0]?.executionStartedEventDetails).toMatchObject({ input: "{}", inputDetails: { truncated: false } });
  expect(events[2]?.stateExitedEventDetails).toEqual({ name: "A", output: "[1]", outputDetails: { truncated: false } });
});

test("what fails before its state has begun is linked to the event before the state", async () => {
  world = await openWorld();
  const { events, error, cause } = await world.run({
    A: { ...pass, Next: "B", End: undefined },
    B: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: "{% $nobody %}" },
      End: true,
    },
  });
  expect(error).toBe("States.QueryEvaluationError");
  expect(cause).toBe(
    "An error occurred while executing the state 'B' (entered at the event id #4). The JSONata expression '$nobody' " +
      "specified for the field 'Arguments/FunctionName' returned nothing (undefined).",
  );
  expect(short(events).slice(3)).toEqual(["4<3 TaskStateEntered B", "5<3 EvaluationFailed", "6<5 ExecutionFailed"]);
  expect(events[4]?.evaluationFailedEventDetails).toEqual({
    ...{ state: "B", error: "States.QueryEvaluationError", location: "Arguments/FunctionName", cause },
  });
});

test("an error of JSONata stands in the cause with its code", async () => {
  world = await openWorld();
  const { cause } = await world.run({ A: { ...pass, Output: { x: ["{% $sum('a') %}"] } } });
  expect(cause).toBe(
    "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression " +
      "'$sum('a')' specified for the field 'Output/x[0]' threw an error during evaluation. " +
      'T0412: Argument 1 of function "sum" must be an array of "numbers"',
  );
});

test("a function by its ARN: retried, then caught", async () => {
  world = await openWorld({
    handlers: {
      broken: () => {
        throw named("Broken", "Out of order.");
      },
    },
  });
  const arn = await world.begin({
    T: {
      Type: "Task",
      Resource: lambda("broken"),
      TimeoutSeconds: 7,
      Retry: [{ ErrorEquals: ["Broken"], MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ["States.ALL"], Assign: { why: "{% $states.errorOutput.Error %}" }, Next: "C" }],
      End: true,
    },
    C: { Type: "Pass", Output: "{% $why %}", End: true },
  });
  await world.until(arn, "LambdaFunctionFailed");
  world.clock.advance(1000);
  const { events, output } = await world.ended(arn);
  expect(output).toBe("Broken");
  expect(short(events).slice(1)).toEqual([
    "2<0 TaskStateEntered T",
    "3<2 LambdaFunctionScheduled",
    "4<3 LambdaFunctionStarted",
    "5<4 LambdaFunctionFailed",
    "6<5 LambdaFunctionScheduled",
    "7<6 LambdaFunctionStarted",
    "8<7 LambdaFunctionFailed",
    "9<8 TaskStateExited T",
    "10<9 PassStateEntered C",
    "11<10 PassStateExited C",
    "12<11 ExecutionSucceeded",
  ]);
  const cause = '{"errorType":"Broken","errorMessage":"Out of order."}';
  expect(events[2]?.lambdaFunctionScheduledEventDetails).toMatchObject({ input: "{}", timeoutInSeconds: 7 });
  expect(events[7]?.lambdaFunctionFailedEventDetails).toEqual({ error: "Broken", cause });
  expect(events[8]?.stateExitedEventDetails).toMatchObject({
    assignedVariables: { why: '"Broken"' },
    output: JSON.stringify({ Error: "Broken", Cause: cause }),
  });
});

test("lambda:invoke answers with Lambda's envelope", async () => {
  world = await openWorld({ handlers: { echo: (event) => event } });
  const { events, output } = await world.run({
    T: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: lambda("echo"), Payload: { n: 1 } },
      HeartbeatSeconds: "{% 3 + 2 %}",
      End: true,
    },
  });
  expect(output).toMatchObject({ ExecutedVersion: "$LATEST", Payload: { n: 1 }, StatusCode: 200 });
  expect(short(events).slice(2, 6)).toEqual([
    "3<2 TaskScheduled",
    "4<3 TaskStarted",
    "5<4 TaskSucceeded",
    "6<5 TaskStateExited T",
  ]);
  expect(events[2]?.taskScheduledEventDetails).toEqual({
    ...{ resourceType: "lambda", resource: "invoke", region: "us-east-1", heartbeatInSeconds: 5 },
    parameters: JSON.stringify({ FunctionName: lambda("echo"), Payload: { n: 1 } }),
  });
});

test("a Timestamp that is none fails its Wait after it has begun", async () => {
  world = await openWorld();
  const { events, cause } = await world.run(
    { W: { Type: "Wait", Timestamp: "{% $states.input %}", End: true } },
    "soon",
  );
  expect(short(events).slice(1)).toEqual(["2<0 WaitStateEntered W", "3<2 EvaluationFailed", "4<3 ExecutionFailed"]);
  expect(cause).toContain(
    "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: soon",
  );
});
