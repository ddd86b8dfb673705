import { endBranch, failBranch } from "./children.ts";
import type { State, TaskState, WaitState } from "./definition/machine.ts";
import type { Branch, Execution } from "./execution.ts";
import { attempt } from "./fail.ts";
import { ERRORS } from "./failure.ts";
import { enter, type Run, runOf } from "./run.ts";
import type { StateEngine } from "./state-engine.ts";
import { runMap } from "./states/map.ts";
import { runParallel } from "./states/parallel.ts";
import { runChoice, runFail, runPass, runSucceed } from "./states/simple.ts";
import { runTask } from "./states/task.ts";
import { endWait, runWait } from "./states/wait.ts";
import { timeOut } from "./tasks/answer.ts";
import { callFunction } from "./tasks/function.ts";
import { awaitChild, callStart } from "./tasks/start-execution.ts";

/** How many states one step may run: a loop of states that wait for nothing must not hold a step for ever. */
const STATES_A_STEP = 20;

/** The number of events at which AWS ends an execution. */
const LONGEST_HISTORY = 25_000;

/** Deals with what has ended, and runs the states that can be run at once; the rest of them in a step of their own. */
export async function advance(engine: StateEngine, execution: Execution): Promise<void> {
  await dealWithEnds(engine, execution);
  for (let count = 0; execution.runnable.length > 0; count += 1) {
    if (count >= STATES_A_STEP) {
      // Through the event loop, so that a long run of states leaves others their turns.
      execution.afterwards.push(() => void setImmediate(() => engine.step(execution, () => undefined)));
      return;
    }
    const branch = execution.runnable.shift();
    if (branch === undefined || !execution.branches.has(branch.id)) continue;
    if (execution.nextEvent >= LONGEST_HISTORY - 1) {
      const cause = `The execution reached the maximum number of history events (${LONGEST_HISTORY}).`;
      engine.end(execution, branch, "FAILED", { error: ERRORS.runtime, cause });
      return;
    }
    const { phase } = branch;
    if (phase.at === "next") enter(engine, execution, branch, phase.state, phase.input);
    await runState(runOf(engine, execution, branch));
    await dealWithEnds(engine, execution);
  }
}

/** Has what the ended branches belong to go on, or fail with them: the execution itself, for the outermost branch. */
async function dealWithEnds(engine: StateEngine, execution: Execution): Promise<void> {
  for (let branch = execution.ended.shift(); branch !== undefined; branch = execution.ended.shift()) {
    const { phase } = branch;
    // Another branch that failed may have taken this one with it.
    if (!execution.branches.has(branch.id)) continue;
    if (phase.at === "ended") await endBranch(engine, execution, branch, phase.output);
    if (phase.at === "failed") await failBranch(engine, execution, branch, phase.failure);
  }
}

function runState(run: Run): Promise<void> {
  return attempt(run, async () => {
    switch (run.state.type) {
      case "Pass":
        return runPass(of(run, run.state));
      case "Task":
        return runTask(of(run, run.state));
      case "Choice":
        return runChoice(of(run, run.state));
      case "Wait":
        return runWait(of(run, run.state));
      case "Succeed":
        return runSucceed(of(run, run.state));
      case "Fail":
        return runFail(of(run, run.state));
      case "Parallel":
        return runParallel(of(run, run.state));
      case "Map":
        return runMap(of(run, run.state));
    }
  });
}

function of<S extends State>(run: Run, state: S): Run<S> {
  return { ...run, state };
}

/** The time that a branch waits for has come, or that of its Task is over. */
export async function tick(engine: StateEngine, execution: Execution, branch: Branch): Promise<void> {
  if (!execution.branches.has(branch.id)) return;
  const now = engine.parts.clock.now();
  const { phase } = branch;
  if (phase.at === "waiting" && phase.until <= now) {
    const run = runOf(engine, execution, branch) as Run<WaitState>;
    await attempt(run, () => endWait(run));
  } else if (phase.at === "retrying" && phase.until <= now) {
    engine.ready(execution, branch, { at: "run" });
  } else if (phase.at === "task") {
    const late = (phase.timeoutAt ?? Number.POSITIVE_INFINITY) <= now;
    const silent = (phase.heartbeatAt ?? Number.POSITIVE_INFINITY) <= now;
    if (!late && !silent) return;
    const { child } = phase;
    if (child !== undefined) execution.afterwards.push(() => engine.stopChild(execution, child));
    await timeOut(runOf(engine, execution, branch) as Run<TaskState>, !late);
  }
}

/** Makes the call that a branch waits for: once the step that wants it is stored, and again after a restart. */
export function makeCall(engine: StateEngine, execution: Execution, branch: Branch): void {
  const { phase } = branch;
  if (phase.at !== "task") return;
  if (phase.call?.kind === "function") callFunction(engine, execution, branch);
  if (phase.call?.kind === "start") callStart(engine, execution, branch);
}

/** Goes on with a newly begun execution, or with one that was open when the process ended. */
export async function resume(engine: StateEngine, execution: Execution): Promise<void> {
  for (const branch of [...execution.branches.values()]) {
    const { phase } = branch;
    if (phase.at === "next" || phase.at === "run") execution.runnable.push(branch);
    if (phase.at !== "task") continue;
    if (phase.call !== undefined) execution.afterwards.push(() => makeCall(engine, execution, branch));
    if (phase.child !== undefined) await awaitChild(engine, execution, branch, phase.child);
  }
}
