import { makeChildren } from "../branches.ts";
import { join } from "../children.ts";
import type { MapState } from "../definition/machine.ts";
import type { ChildrenPhase } from "../execution.ts";
import { EvaluationFailure } from "../failure.ts";
import { recordIn } from "../history.ts";
import type { Json } from "../json.ts";
import { begin, type Run } from "../run.ts";
import { scopeOf } from "../scope.ts";
import { evaluate, evaluateScalar, INTEGER, NUMBER, type Scalar } from "../template.ts";
import { startIterations } from "./iterations.ts";

/** How many iterations run at once where the definition sets no limit. */
const MOST_AT_ONCE = { inline: 40, distributed: 10_000 };

/** Map begins: its items become branches, of which as many are begun as may run at once. */
export async function runMap(run: Run<MapState>): Promise<void> {
  const { engine, execution, branch, state } = run;
  const items = await itemsOf(run);
  const limit = await limitOf(run);
  const tolerated = await toleratedOf(run, items.length);
  begin(run);
  const { distributed } = state;
  recordIn(execution, branch, engine.parts.clock.now(), "MapStateStarted", { length: items.length });
  const phase: ChildrenPhase = { at: "children", first: 0, total: 0, limit, begun: 0, ended: 0, failed: 0 };
  if (distributed !== undefined) {
    phase.mapRunArn = engine.newMapRunArn(execution, distributed.label);
    recordIn(execution, branch, engine.parts.clock.now(), "MapRunStarted", { mapRunArn: phase.mapRunArn });
  }
  // A Distributed Map that says nothing tolerates no failure, but fails with an error of its own.
  if (tolerated !== undefined || distributed !== undefined) phase.tolerated = tolerated ?? 0;
  const children = items.map((item) => ({ container: state.processor, item }));
  Object.assign(phase, makeChildren(execution, branch, children));
  engine.settle(execution, branch, phase);
  if (items.length === 0) await join(engine, execution, branch, phase);
  else await startIterations(engine, execution, branch, branch.chain.last);
}

async function itemsOf({ execution, branch, visit, state }: Run<MapState>): Promise<Json[]> {
  if (state.items === undefined) {
    const input = JSON.parse(visit.input) as Json;
    if (Array.isArray(input)) return input;
    throw new EvaluationFailure(`Map state input must be an array but was: ${visit.input}`);
  }
  const items = await evaluate(state.items, "Items", scopeOf(execution, branch, visit));
  if (Array.isArray(items)) return items;
  if (state.items.kind === "expression") throw state.items.expression.unexpected("Items", "array", items);
  throw new EvaluationFailure(`Map state items must be an array but was: ${JSON.stringify(items)}`, "Items");
}

async function limitOf(run: Run<MapState>): Promise<number> {
  const { execution, branch, visit, state } = run;
  const most = MOST_AT_ONCE[state.distributed === undefined ? "inline" : "distributed"];
  if (state.maxConcurrency === undefined) return most;
  const scope = scopeOf(execution, branch, visit);
  const limit = await evaluateScalar(state.maxConcurrency, "MaxConcurrency", INTEGER, scope);
  if (limit < 0) throw outOfRange("MaxConcurrency", limit);
  return limit === 0 ? most : Math.min(limit, most);
}

/** How many iterations may fail; nothing if the definition does not say. */
async function toleratedOf(run: Run<MapState>, total: number): Promise<number | undefined> {
  const { execution, branch, visit, state } = run;
  const scope = scopeOf(execution, branch, visit);
  const read = async (value: Scalar<number> | undefined, field: string, most: number) => {
    if (value === undefined) return undefined;
    const type = field === "ToleratedFailureCount" ? INTEGER : NUMBER;
    const number = await evaluateScalar<number>(value, field, type, scope);
    if (number < 0 || number > most) throw outOfRange(field, number);
    return number;
  };
  const count = await read(state.toleratedFailureCount, "ToleratedFailureCount", Number.MAX_SAFE_INTEGER);
  const percentage = await read(state.toleratedFailurePercentage, "ToleratedFailurePercentage", 100);
  const share = percentage === undefined ? undefined : Math.floor((percentage / 100) * total);
  if (count === undefined) return share;
  return share === undefined ? count : Math.min(count, share);
}

function outOfRange(field: string, value: number): EvaluationFailure {
  return new EvaluationFailure(`The ${field} field is out of range: ${value}`, field);
}
