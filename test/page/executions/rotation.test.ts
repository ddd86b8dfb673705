import { StopExecutionCommand } from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FlowWorld, goodRotation, named, openFlowWorld, takenIn } from "./flow-world.ts";

let world: FlowWorld;
let steps: ReturnType<typeof goodRotation>;
beforeEach(() => {
  steps = goodRotation(() => world);
  world = openFlowWorld(() => steps);
  // So that the execution's own time may run out first.
  world.deploy("rotation", { PushTimeoutSeconds: "5000" });
});
afterEach(() => world.close());

const INPUT = { id: "0a1b2c", trigger: "fleet-rotation", run: "run-1", requestedBy: "somebody", reason: "a drill" };
const GOOD = [
  ...["ValidateId > ReadTimeSeries", "ReadTimeSeries > VerifyHash", "VerifyHash > Verdict"],
  ...["Verdict > DeriveSuccessor", "DeriveSuccessor > PushToInstance", "PushToInstance > ConfirmSuccessor"],
];

/** What is found of the record when people are told: it was not turned. */
const FAILED = () => ({ outcome: "FAILED", said: "" });

async function toEnd(input: unknown = INPUT): Promise<string> {
  const arn = await world.start("rotation", input);
  await world.ended(arn);
  return arn;
}

test("of one that went well the way is lit from the first state to the last, and no error's way is there", async () => {
  const execution = await world.one(await toEnd());
  const { status, asked, id, failure, graph, steps: taken, output, isCut } = execution;
  expect({ status, asked, id, failure, isCut }).toEqual({
    ...{ status: "SUCCEEDED", id: "0a1b2c", failure: undefined, isCut: false },
    asked: { trigger: "fleet-rotation", run: "run-1", requestedBy: "somebody", reason: "a drill" },
  });
  expect(takenIn(execution)).toEqual([...GOOD, "ConfirmSuccessor > PromoteSuccessor", "PromoteSuccessor > Turned"]);
  expect(graph.edges.filter(({ error }) => error !== undefined)).toEqual([]);
  const states = graph.nodes.map(({ state }) => state);
  // What a choice may lead to is there, and what only an error leads to is not.
  expect(states).toContain("NotifyConflict");
  expect(states).not.toContain("AskForReceipt");
  expect(taken.map(({ state, outcome }) => `${state} ${outcome}`)).toHaveLength(9);
  expect(taken.every(({ outcome, exitedAt }) => outcome === "done" && exitedAt !== undefined)).toBe(true);
  expect(JSON.parse(output?.text ?? "")).toMatchObject({ outcome: "ROTATED" });
  expect(execution.way).toMatch(/^The way it took: ValidateId, then ReadTimeSeries, .*, then Turned\.$/);
});

test("no token of a task is in what is answered, though it is in the history", async () => {
  let token = "";
  const push = steps["push-to-instance"] as (payload: { taskToken: string }) => unknown;
  steps["push-to-instance"] = (payload: { taskToken: string }) => {
    token = payload.taskToken;
    return push(payload);
  };
  const arn = await toEnd();
  expect(token.length).toBeGreaterThan(20);
  expect(JSON.stringify(await world.history(arn))).toContain(token);
  const answer = JSON.stringify(await world.one(arn));
  expect(answer).not.toContain(token);
  expect(answer).toContain("(a task token: left out)");
});

test("of a mismatch it is said in which state it began, though that has not failed itself", async () => {
  steps["verify-hash"] = () => ({ verdict: "MISMATCH" });
  steps["notify-sns"] = FAILED;
  const execution = await world.one(await toEnd());
  expect(execution.status).toBe("FAILED");
  expect(execution.failure).toEqual({
    error: "Keyturn.MISMATCH",
    cause: "The key was not turned: MISMATCH in VerifyHash.",
    state: "VerifyHash",
  });
  expect(takenIn(execution)).toEqual([
    ...GOOD.slice(0, 3),
    ...["Verdict > NotifySns", "NotifySns > Notified", "Notified > Failed"],
  ]);
  expect(execution.steps.at(-1)).toMatchObject({ state: "Failed", outcome: "failed", error: "Keyturn.MISMATCH" });
});

test("an error that was caught has a way of its own, and so has the state to which it leads", async () => {
  steps["promote-successor"] = () => {
    throw named("Superseded", "Another one was faster.");
  };
  const execution = await world.one(await toEnd());
  expect(execution.failure).toBeUndefined();
  expect(takenIn(execution)).toEqual([
    ...GOOD,
    ...["ConfirmSuccessor > PromoteSuccessor", "PromoteSuccessor > NotTurned (Superseded)"],
  ]);
  expect(execution.steps.find(({ state }) => state === "PromoteSuccessor")).toMatchObject({
    ...{ outcome: "caught", error: "Superseded", cause: "Another one was faster." },
  });
  expect(execution.way).toContain("PromoteSuccessor (failed with Superseded, which was caught), then NotTurned.");
});

test("what failed, was caught and ended it is where it began", async () => {
  steps["derive-successor"] = () => {
    throw named("Broken", "The table is away.");
  };
  steps["notify-sns"] = FAILED;
  const { failure } = await world.one(await toEnd());
  expect(failure).toEqual({
    error: "Keyturn.Broken",
    cause: "The key was not turned: Broken in DeriveSuccessor.",
    state: "DeriveSuccessor",
    because: "The table is away.",
  });
});

test("a state that was tried again has its tries, and no error left of those that failed", async () => {
  let calls = 0;
  steps["read-time-series"] = () => {
    calls += 1;
    if (calls < 3) throw named("TemporarilyUnavailable");
    return { samples: [] };
  };
  const arn = await world.start("rotation", INPUT);
  for (const count of [1, 2]) {
    await world.until(arn, "TaskFailed", count);
    world.pass(30_000);
  }
  await world.ended(arn);
  const step = (await world.one(arn)).steps.find(({ state }) => state === "ReadTimeSeries");
  expect(step).toMatchObject({ attempts: 3, outcome: "done" });
});

async function pushing(): Promise<string> {
  steps["push-to-instance"] = () => ({ commandId: "c" });
  const arn = await world.start("rotation", INPUT);
  await world.until(arn, "TaskSubmitted");
  world.pass(4000);
  return arn;
}
const lastOf = async (arn: string) => {
  const execution = await world.one(arn);
  return { execution, last: execution.steps.at(-1) };
};

test("of one that is under way, the state in which it is has not been left", async () => {
  const { execution, last } = await lastOf(await pushing());
  expect(execution).toMatchObject({ status: "RUNNING" });
  expect(execution).not.toHaveProperty("stoppedAt");
  expect(last).toMatchObject({ state: "PushToInstance", outcome: "running", attempts: 1 });
  expect(last).not.toHaveProperty("exitedAt");
  expect(takenIn(execution)).toEqual(GOOD.slice(0, 5));
});

test("one whose time has run out says so, and where", async () => {
  const arn = await pushing();
  world.pass(3_600_000);
  await world.ended(arn);
  const { execution, last } = await lastOf(arn);
  expect(execution).toMatchObject({
    status: "TIMED_OUT",
    failure: {
      error: "States.Timeout",
      cause: expect.stringContaining("longer than its flow allows"),
      state: "PushToInstance",
    },
  });
  expect(last).toMatchObject({ outcome: "timed out", exitedAt: execution.stoppedAt });
});

test("one that somebody has stopped says so, and how one learns who it was", async () => {
  const arn = await pushing();
  await world.client.send(new StopExecutionCommand({ executionArn: arn }));
  const { execution, last } = await lastOf(arn);
  expect(execution.failure).toMatchObject({ state: "PushToInstance", cause: expect.stringContaining("CloudTrail") });
  expect(last).toMatchObject({ outcome: "aborted" });
});
