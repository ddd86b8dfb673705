import { makeChildren } from "../branches.ts";
import type { ParallelState } from "../definition/machine.ts";
import { recordIn } from "../history.ts";
import { begin, type Run } from "../run.ts";
import { scopeOf } from "../scope.ts";
import { evaluate } from "../template.ts";

/** Parallel begins all of its branches at once, each with the same input. */
export async function runParallel(run: Run<ParallelState>): Promise<void> {
  const { engine, execution, branch, visit, state } = run;
  const input =
    state.arguments === undefined
      ? visit.input
      : JSON.stringify(await evaluate(state.arguments, "Arguments", scopeOf(execution, branch, visit)));
  begin(run);
  recordIn(execution, branch, engine.parts.clock.now(), "ParallelStateStarted");
  const children = makeChildren(
    execution,
    branch,
    state.branches.map((container) => ({ container })),
  );
  const { total } = children;
  engine.settle(execution, branch, { at: "children", ...children, limit: total, begun: total, ended: 0, failed: 0 });
  for (const [index, container] of state.branches.entries()) {
    const child = execution.branches.get(children.first + index);
    const startAt = execution.machine.containers.get(container)?.startAt;
    if (child !== undefined && startAt !== undefined) {
      engine.ready(execution, child, { at: "next", state: startAt, input });
    }
  }
}
