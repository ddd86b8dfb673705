import { cutChildren } from "./branches.ts";
import type { MapState, ParallelState } from "./definition/machine.ts";
import type { Branch, ChildrenPhase, Execution } from "./execution.ts";
import { attempt, fail } from "./fail.ts";
import { ERRORS, type Failure } from "./failure.ts";
import { recordIn } from "./history.ts";
import { isTooLong } from "./json.ts";
import { leaveWith, type Run, runOf } from "./run.ts";
import { parentOf } from "./scope.ts";
import type { StateEngine } from "./state-engine.ts";
import { startIterations } from "./states/iterations.ts";

/** The parent of a branch and what it waits for. */
interface Family {
  parent: Branch;
  phase: ChildrenPhase;
  state: ParallelState | MapState;
}

function familyOf(engine: StateEngine, execution: Execution, branch: Branch): Family | undefined {
  const parent = parentOf(execution, branch);
  if (parent === undefined) return undefined;
  const { state } = runOf(engine, execution, parent);
  if (parent.phase.at !== "children" || (state.type !== "Parallel" && state.type !== "Map")) {
    throw new Error(`Branch ${parent.id} of ${execution.record.arn} does not wait for branches.`);
  }
  return { parent, phase: parent.phase, state };
}

/** A branch has come to the end of its states. */
export async function endBranch(
  engine: StateEngine,
  execution: Execution,
  branch: Branch,
  output: string,
): Promise<void> {
  const family = familyOf(engine, execution, branch);
  if (family === undefined) return engine.end(execution, branch, "SUCCEEDED", { output });
  const { state, phase } = family;
  branch.phase = { at: "done", output };
  execution.changed.add(branch);
  if (state.type === "Map" && phase.mapRunArn === undefined) {
    const details = { name: state.name, index: branch.index };
    recordIn(execution, branch, engine.parts.clock.now(), "MapIterationSucceeded", details, "beside");
  }
  await childEnded(engine, execution, branch, family);
}

/** A branch cannot go on: its state failed and nothing caught it. */
export async function failBranch(
  engine: StateEngine,
  execution: Execution,
  branch: Branch,
  failure: Failure,
): Promise<void> {
  const family = familyOf(engine, execution, branch);
  if (family === undefined) return engine.end(execution, branch, "FAILED", failure);
  const { parent, phase } = family;
  const map = family.state.type === "Map" && phase.mapRunArn === undefined ? family.state : undefined;
  const iteration = map === undefined ? undefined : { name: map.name, index: branch.index };
  const now = engine.parts.clock.now();
  phase.failed += 1;
  if (phase.tolerated !== undefined && phase.failed <= phase.tolerated) {
    if (iteration !== undefined) recordIn(execution, branch, now, "MapIterationFailed", iteration, "aside");
    const output = JSON.stringify({ Error: failure.error, Cause: failure.cause });
    branch.phase = { at: "done", output };
    delete branch.visit;
    execution.changed.add(branch);
    return childEnded(engine, execution, branch, family);
  }
  const type = branch.visit === undefined ? undefined : runOf(engine, execution, branch).state.type;
  if (map === undefined && type === "Task") {
    recordIn(execution, branch, now, "TaskStateAborted", undefined, "beside");
  }
  cutChildren(engine, execution, parent, branch, map);
  if (iteration !== undefined) recordIn(execution, branch, now, "MapIterationFailed", iteration, "beside");
  if (phase.mapRunArn === undefined) parent.chain = { ...branch.chain };
  const threshold = {
    error: ERRORS.threshold,
    cause: "The specified tolerated failure threshold was exceeded",
  };
  const outcome = phase.tolerated === undefined ? failure : threshold;
  if (phase.mapRunArn !== undefined) recordIn(execution, parent, now, "MapRunFailed", { ...outcome });
  engine.settle(execution, parent, { at: "run" });
  await fail(runOf(engine, execution, parent), outcome);
}

async function childEnded(engine: StateEngine, execution: Execution, branch: Branch, family: Family): Promise<void> {
  const { parent, phase, state } = family;
  phase.ended += 1;
  execution.changed.add(parent);
  if (phase.ended < phase.total) {
    if (state.type !== "Map") return;
    const run = runOf(engine, execution, parent);
    return attempt(run, () => startIterations(engine, execution, parent, branch.chain.last));
  }
  if (phase.mapRunArn === undefined) parent.chain = { last: branch.chain.tail, tail: branch.chain.tail };
  await join(engine, execution, parent, phase);
}

/** All branches have ended: their outputs, in order, are the result. */
export async function join(
  engine: StateEngine,
  execution: Execution,
  parent: Branch,
  phase: ChildrenPhase,
): Promise<void> {
  const run = runOf(engine, execution, parent) as Run<ParallelState | MapState>;
  const outputs: string[] = [];
  for (let id = phase.first; id < phase.first + phase.total; id += 1) {
    const child = execution.branches.get(id);
    if (child?.phase.at !== "done") throw new Error(`Branch ${id} of ${execution.record.arn} has not ended.`);
    outputs.push(child.phase.output);
    engine.remove(execution, child);
  }
  const now = engine.parts.clock.now();
  if (phase.mapRunArn !== undefined) recordIn(execution, parent, now, "MapRunSucceeded", undefined, "aside");
  engine.settle(execution, parent, { at: "run" });
  const result = `[${outputs.join(",")}]`;
  if (!isTooLong(result)) recordIn(execution, parent, now, `${run.state.type}StateSucceeded`, undefined, "aside");
  await attempt(run, () => leaveWith(run, result));
}
