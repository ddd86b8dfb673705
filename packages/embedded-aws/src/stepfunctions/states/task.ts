import type { TaskState } from "../definition/machine.ts";
import { EvaluationFailure } from "../failure.ts";
import type { Json } from "../json.ts";
import type { Run } from "../run.ts";
import { scopeOf } from "../scope.ts";
import { scheduleFunction } from "../tasks/function.ts";
import { scheduleInvoke } from "../tasks/invoke.ts";
import type { Order } from "../tasks/order.ts";
import { scheduleStart } from "../tasks/start-execution.ts";
import { newToken } from "../tasks/token.ts";
import { evaluate, evaluateScalar, INTEGER, type Scalar } from "../template.ts";

/** Task begins: what it calls is noted, and called when that is stored. */
export async function runTask(run: Run<TaskState>): Promise<void> {
  const { engine, execution, branch, visit, state } = run;
  const { resource } = state;
  const waits = resource.kind !== "function" && resource.token;
  const token = waits ? newToken(execution, branch, engine.parts.random) : undefined;
  const scope = scopeOf(execution, branch, visit, token === undefined ? {} : { token });
  const order: Order = {
    arguments:
      state.arguments === undefined
        ? (JSON.parse(visit.input) as Json)
        : await evaluate(state.arguments, "Arguments", scope),
  };
  const read = async (field: string, value: Scalar<number>) => {
    const seconds = await evaluateScalar(value, field, INTEGER, scope);
    if (seconds > 0) return seconds;
    throw new EvaluationFailure(`The ${field} field must be greater than zero but was: ${seconds}`, field);
  };
  if (state.timeoutSeconds !== undefined) order.timeoutSeconds = await read("TimeoutSeconds", state.timeoutSeconds);
  if (state.heartbeatSeconds !== undefined) {
    order.heartbeatSeconds = await read("HeartbeatSeconds", state.heartbeatSeconds);
  }
  if (token !== undefined) order.token = token;
  if (resource.kind === "function") scheduleFunction(run, resource.arn, order);
  else if (resource.kind === "lambda:invoke") scheduleInvoke(run, resource, order);
  else scheduleStart(run, resource, order);
}
