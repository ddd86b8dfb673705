import { cutChildren } from "../branches.ts";
import type { MapState } from "../definition/machine.ts";
import type { Branch, Execution } from "../execution.ts";
import { recordIn } from "../history.ts";
import { type Run, runOf } from "../run.ts";
import { scopeOf } from "../scope.ts";
import type { StateEngine } from "../state-engine.ts";
import { evaluate } from "../template.ts";

/**
 * Begins iterations until as many run as may.
 *
 * @param last the event that they follow
 */
export async function startIterations(
  engine: StateEngine,
  execution: Execution,
  parent: Branch,
  last: number,
): Promise<void> {
  const { phase } = parent;
  const run = runOf(engine, execution, parent);
  if (phase.at !== "children" || run.state.type !== "Map") return;
  while (phase.begun < phase.total && phase.begun - phase.ended < phase.limit) {
    const child = execution.branches.get(phase.first + phase.begun);
    if (child?.item === undefined) throw new Error(`An iteration of ${run.state.name} has no item.`);
    phase.begun += 1;
    execution.changed.add(parent);
    child.chain = { last, tail: last };
    const input = await inputOf(run as Run<MapState>, child);
    if (phase.mapRunArn === undefined) startIteration(run as Run<MapState>, child, input);
    else startChildExecution(run as Run<MapState>, child, input);
  }
}

function startIteration({ engine, execution, state }: Run<MapState>, child: Branch, input: string): void {
  const details = { name: state.name, index: child.index };
  recordIn(execution, child, engine.parts.clock.now(), "MapIterationStarted", details);
  const startAt = execution.machine.containers.get(state.processor)?.startAt ?? "";
  engine.ready(execution, child, { at: "next", state: startAt, input });
}

/** Has the item run in an execution of its own, which is started once this step is stored. */
function startChildExecution({ engine, execution }: Run<MapState>, child: Branch, input: string): void {
  const call = { kind: "start", machineArn: execution.record.machineArn, name: engine.newName(), input } as const;
  // No event belongs to it, so the number of the branch tells its answers from others.
  engine.settle(execution, child, { at: "task", attempt: child.id, call });
}

/** What an iteration gets: its item, or what ItemSelector makes of it. */
async function inputOf({ engine, execution, branch, visit, state }: Run<MapState>, child: Branch): Promise<string> {
  if (state.itemSelector === undefined) return JSON.stringify(child.item);
  try {
    const scope = scopeOf(execution, child, visit);
    return JSON.stringify(await evaluate(state.itemSelector, "ItemSelector", scope));
  } catch (error) {
    cutChildren(engine, execution, branch);
    engine.settle(execution, branch, { at: "run" });
    throw error;
  }
}
