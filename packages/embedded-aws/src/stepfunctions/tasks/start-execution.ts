import { AwsError } from "../../http/service.ts";
import type { TaskState } from "../definition/machine.ts";
import type { Branch, Execution, ExecutionRecord, TaskPhase } from "../execution.ts";
import { ERRORS, type Failure } from "../failure.ts";
import { uuid } from "../functions.ts";
import type { Json, JsonObject } from "../json.ts";
import { begin, type Run, runOf } from "../run.ts";
import type { StateEngine } from "../state-engine.ts";
import {
  argumentsOf,
  failTask,
  type Integration,
  limits,
  recordScheduled,
  submitted,
  succeed,
  unusable,
} from "./answer.ts";
import { serviceError } from "./function.ts";
import type { Order } from "./order.ts";

/** Schedules `states:startExecution`: a nested execution, which the Task starts only, waits for, or gives a token to. */
export function scheduleStart(run: Run<TaskState>, resource: Integration, order: Order): void {
  const { engine, execution, branch } = run;
  const given = argumentsOf(run, order, resource);
  const { StateMachineArn: machineArn, Name: name } = given;
  // As AWS does, so that `Input: null` is no input at all.
  const input = given.Input ?? {};
  if (typeof machineArn !== "string") throw unusable(run, order, "The field 'StateMachineArn' is required");
  begin(run);
  const attempt = recordScheduled(run, resource, order);
  const call = {
    kind: "start",
    machineArn,
    // The name is drawn before the start, so that a start that is made again after a restart is the same one.
    name: typeof name === "string" ? name : engine.newName(),
    input: typeof input === "string" ? input : JSON.stringify(input),
  } as const;
  engine.settle(execution, branch, { at: "task", attempt, call, ...limits(run, order) });
}

/** Starts the execution that a branch asks for: a nested one, or the child that runs an item of a Distributed Map. */
export function callStart(engine: StateEngine, execution: Execution, branch: Branch): void {
  const { phase } = branch;
  if (phase.at !== "task" || phase.call?.kind !== "start") return;
  const { attempt } = phase;
  engine.step(execution, async () => {
    const current = execution.branches.get(branch.id)?.phase;
    if (current?.at !== "task" || current.attempt !== attempt || current.call?.kind !== "start") return;
    const { call } = current;
    let child: ExecutionRecord;
    try {
      child =
        branch.visit === undefined
          ? startItem(engine, execution, branch)
          : engine.startNested(execution, branch, call, attempt);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const failure = startFailure(error);
      if (branch.visit === undefined) engine.ready(execution, branch, { at: "failed", failure });
      else await failTask(runOf(engine, execution, branch) as Run<TaskState>, failure);
      return;
    }
    await started(engine, execution, branch, current, child);
  });
}

function startFailure(error: AwsError): Failure {
  return serviceError("StepFunctions", "AWSStepFunctions", error);
}

function startItem(engine: StateEngine, execution: Execution, branch: Branch): ExecutionRecord {
  const { phase } = branch;
  const parent = branch.parent === undefined ? undefined : execution.branches.get(branch.parent);
  const mapRunArn = parent?.phase.at === "children" ? parent.phase.mapRunArn : undefined;
  if (phase.at !== "task" || phase.call?.kind !== "start" || mapRunArn === undefined) {
    throw new Error(`Branch ${branch.id} of ${execution.record.arn} is no item of a Distributed Map.`);
  }
  return engine.startItem(execution, branch, phase.call, mapRunArn);
}

async function started(
  engine: StateEngine,
  execution: Execution,
  branch: Branch,
  phase: TaskPhase,
  child: ExecutionRecord,
): Promise<void> {
  delete phase.call;
  execution.changed.add(branch);
  if (branch.visit !== undefined) {
    const run = runOf(engine, execution, branch) as Run<TaskState>;
    const { resource } = run.state;
    if (resource.kind !== "states:startExecution") return;
    const result = startResult(engine, child);
    if (resource.sync === undefined && !resource.token) return succeed(run, result);
    submitted(run, resource, result);
    if (resource.sync === undefined) return;
  }
  phase.child = child.id;
  await awaitChild(engine, execution, branch, child.id);
}

/**
 * Has a branch go on when the execution that it waits for has ended: now, or in a step to come. Several branches may
 * wait for the same one, since a start with the name and the input of one that runs is that one.
 */
export async function awaitChild(
  engine: StateEngine,
  execution: Execution,
  branch: Branch,
  childId: number,
): Promise<void> {
  const ended = engine.awaitEnd(childId, (child) => {
    engine.step(execution, async () => {
      const waiting = execution.branches.get(branch.id);
      if (waiting !== undefined) await childExecutionEnded(engine, execution, waiting, child);
    });
  });
  if (ended !== undefined) await childExecutionEnded(engine, execution, branch, ended);
}

/** The execution that a branch waits for has ended. */
async function childExecutionEnded(
  engine: StateEngine,
  execution: Execution,
  branch: Branch,
  child: ExecutionRecord,
): Promise<void> {
  if (branch.phase.at !== "task" || branch.phase.child !== child.id) return;
  const why = engine.denial(execution, { action: "states:DescribeExecution", resource: child.arn });
  const denied = why === undefined ? undefined : startFailure(new AwsError("AccessDeniedException", why));
  if (branch.visit === undefined) {
    if (denied !== undefined) return engine.ready(execution, branch, { at: "failed", failure: denied });
    const { output, error, cause } = child;
    if (child.status === "SUCCEEDED") return engine.ready(execution, branch, { at: "ended", output: output ?? "null" });
    const failure = { ...(error !== null && { error }), ...(cause !== null && { cause }) };
    return engine.ready(execution, branch, { at: "failed", failure });
  }
  const run = runOf(engine, execution, branch) as Run<TaskState>;
  const { resource } = run.state;
  if (resource.kind !== "states:startExecution" || resource.sync === undefined) return;
  if (denied !== undefined) return failTask(run, denied);
  const result = describe(child, resource.sync === "parsed");
  if (child.status === "SUCCEEDED") await succeed(run, result);
  else await failTask(run, { error: ERRORS.taskFailed, cause: JSON.stringify(result) });
}

function startResult(engine: StateEngine, child: ExecutionRecord): JsonObject {
  const { random, clock } = engine.parts;
  const requestId = uuid(random(16));
  const headers: [string, string][] = [
    ["x-amzn-RequestId", requestId],
    ["Connection", "keep-alive"],
    ["Date", new Date(clock.now()).toUTCString()],
    ["Content-Type", "application/x-amz-json-1.0"],
  ];
  return {
    ExecutionArn: child.arn,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(headers.map(([name, value]) => [name, [value]])),
      HttpHeaders: Object.fromEntries(headers),
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StartDate: child.started,
  };
}

/** What DescribeExecution says, as the `.sync` integrations hand it on. */
function describe(child: ExecutionRecord, parsed: boolean): JsonObject {
  const data = (text: string): Json => (parsed ? (JSON.parse(text) as Json) : text);
  return {
    ...(child.cause !== null && { Cause: child.cause }),
    ...(child.error !== null && { Error: child.error }),
    ExecutionArn: child.arn,
    Input: data(child.input),
    InputDetails: { Included: true },
    Name: child.name,
    ...(child.output !== null && { Output: data(child.output), OutputDetails: { Included: true } }),
    RedriveCount: 0,
    RedriveStatus: child.status === "SUCCEEDED" ? "NOT_REDRIVABLE" : "REDRIVABLE",
    StartDate: child.started,
    ...(child.aliasArn !== null && { StateMachineAliasArn: child.aliasArn }),
    StateMachineArn: child.machineArn,
    ...(child.versionArn !== null && { StateMachineVersionArn: child.versionArn }),
    Status: child.status,
    ...(child.stopped !== null && { StopDate: child.stopped }),
  };
}
