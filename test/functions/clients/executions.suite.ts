import { beforeAll, expect, test } from "vitest";
import type { Executions } from "../../../functions/clients/executions.ts";

/** Step Functions, and tasks that wait. */
export interface WaitingExecutions {
  executions: Executions;
  /** Starts a task that waits, and tells how it was ended once it was. */
  startTask(): Promise<{ taskToken: string; end(): Promise<{ output: unknown } | { error: string; cause: string }> }>;
}

/** How every Executions ends tasks; `makeExecutions` is called once. */
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
}
