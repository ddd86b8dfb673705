import type { Executions } from "./executions.ts";

/** Step Functions in memory: each token in `waiting` can be ended once. */
export function fakeExecutions(
  waiting = new Set<string>(),
): Executions & { ended: { taskToken: string; end: unknown }[] } {
  const ended: { taskToken: string; end: unknown }[] = [];
  return {
    ended,
    async endTask(taskToken, end) {
      if (!waiting.delete(taskToken)) return false;
      ended.push({ taskToken, end });
      return true;
    },
  };
}
