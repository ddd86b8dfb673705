import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { Executions } from "../../../functions/clients/executions.ts";
import { eventually } from "./eventually.ts";

/** Step Functions, and tasks that wait: of executions of one flow, which is the rotation, the fleet's and the credential's. */
export interface WaitingExecutions {
  executions: Executions;
  /** Starts a task that waits, and tells how it was ended once it was. */
  startTask(): Promise<{ taskToken: string; end(): Promise<{ output: unknown } | { error: string; cause: string }> }>;
  /** The input of the execution of the rotation flow that has this name. */
  inputOf(name: string): Promise<unknown>;
  /** Ends it, with an error if one is given. */
  end(name: string, failure?: { error: string; cause: string }): Promise<void>;
}

/** How every Executions ends tasks and starts executions; `makeExecutions` is called once. */
export function executionsSuite(makeExecutions: () => WaitingExecutions | Promise<WaitingExecutions>): void {
  let made: WaitingExecutions;
  beforeAll(async () => {
    made = await makeExecutions();
  });

  test("a task that waits is ended with an output", async () => {
    const { taskToken, end } = await made.startTask();
    expect(await made.executions.endTask(taskToken, { output: { receipt: ["é", 1] } })).toBe(true);
    expect(await end()).toEqual({ output: { receipt: ["é", 1] } });
  });

  test("a task that waits is ended with an error", async () => {
    const { taskToken, end } = await made.startTask();
    expect(await made.executions.endTask(taskToken, { error: "PushFailed", cause: "It failed." })).toBe(true);
    expect(await end()).toEqual({ error: "PushFailed", cause: "It failed." });
  });

  test("ending a task twice is no error, and the first end stands", async () => {
    const { taskToken, end } = await made.startTask();
    await made.executions.endTask(taskToken, { output: 1 });
    expect(await made.executions.endTask(taskToken, { error: "PushFailed", cause: "" })).toBe(false);
    expect(await end()).toEqual({ output: 1 });
  });

  test("a token that nobody waits with ends nothing", async () => {
    expect(await made.executions.endTask("no-such-token", { output: 1 })).toBe(false);
    expect(await made.executions.endTask("no-such-token", { error: "PushFailed", cause: "" })).toBe(false);
  });

  test("an execution is started under its name, with its input", async () => {
    const name = `0a1b2c-${randomUUID()}`;
    expect(await made.executions.start({ flow: "rotation", name, input: { id: "0a1b2c", of: ["é", 1] } })).toBe(
      "started",
    );
    expect(await made.inputOf(name)).toEqual({ id: "0a1b2c", of: ["é", 1] });
  });

  test("one that runs is there, and its input stays", async () => {
    const name = `0a1b2c-${randomUUID()}`;
    const start = (id: string) => made.executions.start({ flow: "rotation", name, input: { id } });
    await start("0a1b2c");
    expect(["started", "there"]).toContain(await start("0a1b2c"));
    expect(await start("ffffff")).toBe("there");
    expect(await made.inputOf(name)).toEqual({ id: "0a1b2c" });
  });

  test("one that has ended is there, and is not started again", async () => {
    const name = `0a1b2c-${randomUUID()}`;
    const start = (id: string) => made.executions.start({ flow: "rotation", name, input: { id } });
    await start("0a1b2c");
    await made.end(name);
    expect(await start("0a1b2c")).toBe("there");
    expect(await start("ffffff")).toBe("there");
  });

  test("an execution is found by its name, as it is and as it ended", async () => {
    const [done, failed] = [`orders-db-${randomUUID()}-1`, `orders-db-${randomUUID()}-1`];
    const find = (name: string) => made.executions.find({ flow: "credential", name });
    expect(await find(done)).toBeUndefined();
    for (const name of [done, failed]) await made.executions.start({ flow: "credential", name, input: { name } });
    const runs = { status: "RUNNING", error: "", cause: "" };
    expect(await eventually(() => find(done), Boolean)).toEqual(runs);
    expect(await eventually(() => find(failed), Boolean)).toEqual(runs);
    await made.end(done);
    const failure = { error: "AuthorityUnreachable", cause: "db.internal cannot be reached: it does not answer" };
    await made.end(failed, failure);
    expect(await find(done)).toEqual({ status: "SUCCEEDED", error: "", cause: "" });
    expect(await find(failed)).toEqual({ status: "FAILED", ...failure });
    expect(await find(done.slice(0, -2))).toBeUndefined();
  });

  test("the ARN of an execution names its flow's machine and it, whether there is one or not", async () => {
    const name = `orders-${randomUUID()}`;
    const arn = await made.executions.arnOf({ flow: "credential", name });
    expect(arn).toMatch(/^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:execution:[\w-]+:[\w-]+$/);
    expect(arn.endsWith(`:${name}`)).toBe(true);
  });

  test("when an execution was started last is that of the newest", async () => {
    const lastStart = () => made.executions.lastStart("fleet-rotation");
    await made.startTask();
    const first = await eventually(lastStart, (at) => at !== undefined);
    expect(Math.abs(Date.now() - (first ?? 0))).toBeLessThan(60_000);
    // Some give the time in seconds only.
    await new Promise((resolve) => setTimeout(resolve, 1001));
    await made.startTask();
    const second = await eventually(lastStart, (at) => at !== first);
    expect(second).toBeGreaterThan(first ?? 0);
  });
}
