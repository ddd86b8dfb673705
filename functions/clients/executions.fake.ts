import { isDeepStrictEqual } from "node:util";
import { arnAt } from "../../protocol/index.ts";
import type { ExecutionEnd, Executions, StartedFlow, WatchedFlow } from "./executions.ts";

const PLACE = { partition: "aws", region: "us-east-1", account: "000000000000" };

/** An execution that was started; whoever sets `ended` has it end, and says how with `end`. */
export interface FakeExecution {
  flow: StartedFlow;
  name: string;
  input: unknown;
  ended?: true;
  end?: ExecutionEnd;
}

/**
 * Step Functions in memory: each token in `waiting` can be ended once, and of each name one execution started.
 *
 * @param lastStarts when executions of flows were started last, in milliseconds since 1970
 */
export function fakeExecutions(
  waiting = new Set<string>(),
  lastStarts: Partial<Record<WatchedFlow, number>> = {},
): Executions & { ended: { taskToken: string; end: unknown }[]; started: FakeExecution[] } {
  const ended: { taskToken: string; end: unknown }[] = [];
  const started: FakeExecution[] = [];
  return {
    ended,
    started,

    async endTask(taskToken, end) {
      if (!waiting.delete(taskToken)) return false;
      ended.push({ taskToken, end });
      return true;
    },

    async start({ flow, name, input }) {
      const there = started.find((one) => one.flow === flow && one.name === name);
      if (there !== undefined) return !there.ended && isDeepStrictEqual(there.input, input) ? "started" : "there";
      started.push({ flow, name, input: structuredClone(input) });
      return "started";
    },

    async find({ flow, name }) {
      const there = started.find((one) => one.flow === flow && one.name === name);
      if (there === undefined) return undefined;
      return there.end ?? { status: there.ended ? "SUCCEEDED" : "RUNNING", error: "", cause: "" };
    },

    arnOf: async ({ flow, name }) => arnAt(PLACE, "states", `execution:keyturn-${flow}:${name}`),

    lastStart: async (flow) => lastStarts[flow],
  };
}
