import type { MapState } from "./definition/machine.ts";
import type { Branch, Execution } from "./execution.ts";
import { recordIn } from "./history.ts";
import type { Json } from "./json.ts";
import { runOf } from "./run.ts";
import type { StateEngine } from "./state-engine.ts";

/** Makes the branches of a Parallel or a Map; none of them is begun yet. */
export function makeChildren(
  execution: Execution,
  parent: Branch,
  children: { container: string; item?: Json }[],
): { first: number; total: number } {
  const first = execution.nextBranch;
  for (const [index, child] of children.entries()) {
    const branch: Branch = {
      ...{ id: execution.nextBranch, parent: parent.id, index, variables: {}, phase: { at: "pending" } },
      chain: { last: parent.chain.last, tail: parent.chain.last },
      ...child,
    };
    execution.nextBranch += 1;
    execution.branches.set(branch.id, branch);
    execution.changed.add(branch);
  }
  return { first, total: children.length };
}

/**
 * Ends the branches of a Parallel or Map that are still under way, since one of them has failed or the whole is ended.
 *
 * @param failed whose chain the events go to; without it none are recorded
 * @param map the Map whose iterations they are
 */
export function cutChildren(
  engine: StateEngine,
  execution: Execution,
  parent: Branch,
  failed?: Branch,
  map?: MapState,
): void {
  if (parent.phase.at !== "children") return;
  const { first, total } = parent.phase;
  const now = engine.parts.clock.now();
  for (let id = first; id < first + total; id += 1) {
    const child = execution.branches.get(id);
    if (child === undefined) continue;
    const underWay = child !== failed && child.phase.at !== "done" && child.phase.at !== "pending";
    if (failed !== undefined && underWay) {
      const details = { name: map?.name, index: child.index };
      if (map !== undefined) recordIn(execution, failed, now, "MapIterationAborted", details, "beside");
      const type = child.visit === undefined ? undefined : runOf(engine, execution, child).state.type;
      if (type === "Task" || type === "Wait" || type === "Parallel" || type === "Map") {
        recordIn(execution, failed, now, `${type}StateAborted`, undefined, "beside");
      }
    }
    cutChildren(engine, execution, child);
    engine.remove(execution, child);
  }
}
