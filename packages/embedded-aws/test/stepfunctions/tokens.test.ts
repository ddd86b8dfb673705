import { SendTaskFailureCommand, SendTaskSuccessCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openWorld, short, type World } from "./world.ts";

let world: World;
let taskToken: string;
beforeEach(async () => {
  world = await openWorld({
    handlers: {
      take: (token: string) => {
        taskToken = token;
        return "noted";
      },
    },
  });
});
afterEach(() => world.close());

const task = (more: object = {}) => ({
  T: {
    ...{ Type: "Task", Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", End: true, ...more },
    Arguments: { FunctionName: "take", Payload: "{% $states.context.Task.Token %}" },
  },
});

test("the token ends the task with its output", async () => {
  const arn = await world.begin(task({ Output: "{% $states.result.n %}" }));
  await world.until(arn, "TaskSubmitted");
  await world.client.send(new SendTaskSuccessCommand({ taskToken, output: '{"n": 7}' }));
  const { events, output } = await world.ended(arn);
  expect(output).toBe(7);
  expect(short(events).slice(2)).toEqual([
    "3<2 TaskScheduled",
    "4<3 TaskStarted",
    "5<4 TaskSubmitted",
    "6<5 TaskSucceeded",
    "7<6 TaskStateExited T",
    "8<7 ExecutionSucceeded",
  ]);
  expect(JSON.parse(events[4]?.taskSubmittedEventDetails?.output ?? "")).toMatchObject({ Payload: "noted" });
});

test("the token may come back before the function has answered", async () => {
  let answer = () => {};
  await world.close();
  world = await openWorld({
    handlers: {
      take: (token: string) => {
        taskToken = token;
        return new Promise<void>((resolve) => {
          answer = resolve;
        });
      },
    },
  });
  const arn = await world.begin(task());
  await world.until(arn, "TaskStarted");
  await world.client.send(new SendTaskSuccessCommand({ taskToken, output: "1" }));
  answer();
  expect(await world.ended(arn)).toMatchObject({ status: "SUCCEEDED", output: 1 });
});

test("the token fails the task with its error", async () => {
  const arn = await world.begin(task());
  await world.until(arn, "TaskSubmitted");
  await world.client.send(new SendTaskFailureCommand({ taskToken, error: "Refused", cause: "No." }));
  const { status, error, cause, events } = await world.ended(arn);
  expect({ status, error, cause }).toEqual({ status: "FAILED", error: "Refused", cause: "No." });
  expect(events[5]?.taskFailedEventDetails).toEqual({
    ...{ error: "Refused", cause: "No.", resource: "invoke.waitForTaskToken", resourceType: "lambda" },
  });
});

test("a token is good once, for its own attempt, and not when the execution is over", async () => {
  const gone = { name: "TaskTimedOut", message: "Task Timed Out: 'Provided task does not exist anymore'" };
  const arn = await world.begin(
    task({ TimeoutSeconds: 5, Retry: [{ ErrorEquals: ["States.Timeout"], MaxAttempts: 1 }] }),
  );
  await world.until(arn, "TaskSubmitted");
  const first = taskToken;
  world.clock.advance(5000);
  await world.until(arn, "TaskTimedOut");
  world.clock.advance(1000);
  await world.until(arn, "TaskSubmitted", 2);
  expect(taskToken).not.toBe(first);
  await expect(world.client.send(new SendTaskSuccessCommand({ taskToken: first, output: "1" }))).rejects.toMatchObject(
    gone,
  );
  await world.client.send(new StopExecutionCommand({ executionArn: arn }));
  await expect(world.client.send(new SendTaskSuccessCommand({ taskToken, output: "1" }))).rejects.toMatchObject(gone);
});

test("what is no token, and an output that is no JSON, are refused", async () => {
  const arn = await world.begin(task());
  await world.until(arn, "TaskSubmitted");
  const forged = new SendTaskSuccessCommand({ taskToken: "AAAA", output: "1" });
  await expect(world.client.send(forged)).rejects.toMatchObject({ name: "InvalidToken" });
  const guessed = Buffer.from(taskToken, "base64url")
    .toString()
    .replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  const near = new SendTaskSuccessCommand({ taskToken: Buffer.from(guessed).toString("base64url"), output: "1" });
  await expect(world.client.send(near)).rejects.toMatchObject({ name: "TaskTimedOut" });
  for (const output of ["{", ""]) {
    const broken = new SendTaskSuccessCommand({ taskToken, output });
    await expect(world.client.send(broken)).rejects.toMatchObject({ name: "InvalidOutput" });
  }
  for (const given of [{ error: "x".repeat(257) }, { cause: "x".repeat(32_769) }]) {
    const long = new SendTaskFailureCommand({ taskToken, ...given });
    await expect(world.client.send(long)).rejects.toMatchObject({ name: "ValidationException" });
  }
});
