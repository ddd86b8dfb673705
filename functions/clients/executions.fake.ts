import type { Executions } from "./executions.ts";

/** Step Functions in memory: `register` runs the given function; each token can be ended once. */
export function fakeExecutions(
  register: (input: unknown) => Promise<unknown> = async () => null,
  waiting = new Set<string>(),
): Executions & { ended: { taskToken: string; end: unknown }[] } {
  const ended: { taskToken: string; end: unknown }[] = [];
  return {
    ended,
    register,
    async endTask(taskToken, end) {
      if (!waiting.delete(taskToken)) return false;
      ended.push({ taskToken, end });
      return true;
    },
  };
}
