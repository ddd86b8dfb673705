import { AwsError } from "../../http/service.ts";
import type { Invocation } from "../../parts.ts";
import type { TaskState } from "../definition/machine.ts";
import type { Branch, Call, Execution } from "../execution.ts";
import type { Failure } from "../failure.ts";
import { payload, recordIn } from "../history.ts";
import type { Json } from "../json.ts";
import { begin, type Run, runOf } from "../run.ts";
import type { StateEngine } from "../state-engine.ts";
import { failTask, limits, succeed } from "./answer.ts";
import { endInvoke } from "./invoke.ts";
import type { Order } from "./order.ts";

/** Schedules a function that the Resource names by its ARN: the Arguments are its event, its answer is the result. */
export function scheduleFunction(run: Run<TaskState>, arn: string, order: Order): void {
  const { engine, execution, branch } = run;
  begin(run);
  const now = engine.parts.clock.now();
  const attempt = recordIn(execution, branch, now, "LambdaFunctionScheduled", {
    ...payload("input", JSON.stringify(order.arguments)),
    resource: arn,
    ...(order.timeoutSeconds !== undefined && { timeoutInSeconds: order.timeoutSeconds }),
  });
  recordIn(execution, branch, now, "LambdaFunctionStarted");
  const call = { kind: "function", functionName: arn, payload: order.arguments } as const;
  engine.settle(execution, branch, { at: "task", attempt, call, ...limits(run, order) });
}

/** Calls the function that a branch waits for; what it answers is a step of its own. */
export function callFunction(engine: StateEngine, execution: Execution, branch: Branch): void {
  const { phase } = branch;
  if (phase.at !== "task" || phase.call?.kind !== "function") return;
  const { attempt, call } = phase;
  invoke(engine, execution, call).then((answer) => {
    engine.step(execution, async () => {
      // The Task may have ended meanwhile: by its time limit, its token, or the end of the execution.
      const current = execution.branches.get(branch.id)?.phase;
      if (current?.at !== "task" || current.attempt !== attempt || current.call === undefined) return;
      const run = runOf(engine, execution, branch) as Run<TaskState>;
      if (!answer.ok) await failTask(run, answer.failure);
      else if (run.state.resource.kind === "function") await succeed(run, answer.payload);
      else await endInvoke(run, answer.payload);
    });
  });
}

type Answer = { ok: true; payload: Json } | { ok: false; failure: Failure };

async function invoke(
  engine: StateEngine,
  execution: Execution,
  { functionName, payload: event }: Call & { kind: "function" },
): Promise<Answer> {
  let invocation: Invocation;
  try {
    const { functions } = engine.neighbours;
    const needed = functions.toInvoke?.(functionName);
    const why = needed && engine.denial(execution, needed);
    if (why !== undefined) throw new AwsError("AccessDeniedException", why, 403);
    invocation = await functions.invoke(functionName, event);
  } catch (error) {
    if (error instanceof AwsError) return { ok: false, failure: serviceError("Lambda", "AWSLambda", error) };
    engine.parts.log(`Step Functions could not call the function ${functionName}: ${String(error)}`);
    return { ok: false, failure: { error: "Lambda.Unknown", cause: "The cause could not be determined." } };
  }
  if (invocation.ok) return { ok: true, payload: (invocation.payload ?? null) as Json };
  const { errorType, errorMessage, trace } = invocation;
  const cause = JSON.stringify({ errorType, errorMessage, ...(trace !== undefined && { trace }) });
  return { ok: false, failure: { error: errorType, cause } };
}

/** The error of a service as an integration reports it. */
export function serviceError(prefix: string, service: string, error: AwsError): Failure {
  // A denial is not among the errors of the operations: the SDK that Step Functions uses gives it the service's name.
  const code = error.code === "AccessDeniedException" ? service : error.code.replace(/Exception$/, "");
  const where = `Service: ${service}; Status Code: ${error.status}; Error Code: ${error.code}`;
  return { error: `${prefix}.${code}Exception`, cause: `${error.message} (${where})` };
}
