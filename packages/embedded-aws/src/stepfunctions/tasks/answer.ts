import { REGION } from "../../place.ts";
import type { Resource, TaskState } from "../definition/machine.ts";
import { PARAMETERS } from "../definition/resources.ts";
import { attempt, fail, inState } from "../fail.ts";
import { ERRORS, type Failure, StateFailure, tooLong } from "../failure.ts";
import { payload, recordIn } from "../history.ts";
import { isObject, isTooLong, type Json, type JsonObject } from "../json.ts";
import { leaveWith, type Run } from "../run.ts";
import type { Order } from "./order.ts";

/** An integration, i.e. what is not a function called by its ARN. */
export type Integration = Exclude<Resource, { kind: "function" }>;

/** How the events of an integration name it. */
export function named(resource: Integration): { resourceType: string; resource: string } {
  return { resourceType: resource.kind.split(":")[0] ?? "", resource: resource.name };
}

/** The events that begin a Task with an integration. Returns the attempt: the event that scheduled it. */
export function recordScheduled(run: Run<TaskState>, resource: Integration, order: Order): number {
  const { engine, execution, branch } = run;
  const now = engine.parts.clock.now();
  const scheduled = recordIn(execution, branch, now, "TaskScheduled", {
    ...named(resource),
    region: REGION,
    parameters: JSON.stringify(order.arguments),
    ...(order.timeoutSeconds !== undefined && { timeoutInSeconds: order.timeoutSeconds }),
    ...(order.heartbeatSeconds !== undefined && { heartbeatInSeconds: order.heartbeatSeconds }),
  });
  recordIn(execution, branch, now, "TaskStarted", named(resource));
  return scheduled;
}

/** When a Task that begins now is too late. */
export function limits(run: Run, order: Order) {
  const now = run.engine.parts.clock.now();
  const heartbeatMs = order.heartbeatSeconds === undefined ? undefined : order.heartbeatSeconds * 1000;
  return {
    ...(order.timeoutSeconds !== undefined && { timeoutAt: now + order.timeoutSeconds * 1000 }),
    ...(heartbeatMs !== undefined && { heartbeatMs, heartbeatAt: now + heartbeatMs }),
    ...(order.token !== undefined && { token: order.token }),
  };
}

/** The Task has a result. */
export async function succeed(run: Run<TaskState>, result: Json): Promise<void> {
  const { engine, execution, branch, state } = run;
  const { resource } = state;
  const text = JSON.stringify(result);
  if (isTooLong(text)) {
    return failTask(run, tooLong(resource.kind === "function" ? resource.arn : named(resource).resourceType));
  }
  const type = resource.kind === "function" ? "LambdaFunctionSucceeded" : "TaskSucceeded";
  const names = resource.kind === "function" ? {} : named(resource);
  recordIn(execution, branch, engine.parts.clock.now(), type, { ...payload("output", text), ...names });
  await attempt(run, () => leaveWith(run, text));
}

/** The members of a Task's Arguments. @throws StateFailure States.Runtime where one is not known */
export function argumentsOf(run: Run, order: Order, { kind }: Integration): JsonObject {
  const given = isObject(order.arguments) ? order.arguments : {};
  const other = Object.keys(given).find((name) => !PARAMETERS[kind].includes(name));
  if (other === undefined) return given;
  throw unusable(run, order, `The field '${other}' is not supported by Step Functions`);
}

/** The Arguments came out such that the call cannot even be made. */
export function unusable(run: Run, order: Order, why: string): StateFailure {
  const text = JSON.stringify(order.arguments);
  const message = `The Parameters '${text}' could not be used to start the Task: [${why}]`;
  return new StateFailure(ERRORS.runtime, inState(run, message));
}

/** The request was taken; the Task goes on until its token, or the execution that it waits for, ends it. */
export function submitted(run: Run<TaskState>, resource: Integration, result: Json): void {
  const { engine, execution, branch } = run;
  const output = payload("output", JSON.stringify(result));
  recordIn(execution, branch, engine.parts.clock.now(), "TaskSubmitted", { ...output, ...named(resource) });
}

/** The Task has failed. */
export async function failTask(run: Run<TaskState>, failure: Failure): Promise<void> {
  const { engine, execution, branch, state } = run;
  const { resource } = state;
  const type = resource.kind === "function" ? "LambdaFunctionFailed" : "TaskFailed";
  const names = resource.kind === "function" ? {} : named(resource);
  recordIn(execution, branch, engine.parts.clock.now(), type, { ...details(failure), ...names });
  await fail(run, failure);
}

/** The Task has taken longer than its TimeoutSeconds, or let its HeartbeatSeconds pass. */
export async function timeOut(run: Run<TaskState>, heartbeat: boolean): Promise<void> {
  const { engine, execution, branch, state } = run;
  const { resource } = state;
  const failure: Failure = { error: ERRORS.timeout, ...(heartbeat && { heartbeat }) };
  const type = resource.kind === "function" ? "LambdaFunctionTimedOut" : "TaskTimedOut";
  const names = resource.kind === "function" ? {} : named(resource);
  recordIn(execution, branch, engine.parts.clock.now(), type, { ...details(failure), ...names });
  await fail(run, failure);
}

function details({ error, cause }: Failure): Record<string, string> {
  return { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}
