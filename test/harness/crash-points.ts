import type { FlowName } from "../../infra/wiring.ts";
import { type Fault, KINDS, type Kind } from "./calls.ts";
import type { Definitions } from "./definitions.ts";
import { crash, type Disturbance, runUndisturbed } from "./run.ts";
import { scenarioOf } from "./scenarios/index.ts";
import type { Route } from "./scenarios/scenario.ts";

const WHEN = ["before", "after"] as const;
/** Who is struck so does nothing more: it is the same just after a call and just before his next one. */
const DEADLY: readonly Kind[] = ["blackout", "dies", "aborted"];

/**
 * Which of a route's calls are struck: of those that are made again and again, for each of many or at each look, the first and
 * the last; on the first route, which most executions take, the second as well. `KEYTURN_EVERY_CALL=1` strikes each.
 */
function isStruck(calls: string[], index: number, isFirstRoute: boolean): boolean {
  if (process.env.KEYTURN_EVERY_CALL === "1") return true;
  const made = calls[index];
  const before = calls.slice(0, index).filter((call) => call === made).length;
  return before < (isFirstRoute ? 2 : 1) || calls.lastIndexOf(made ?? "") === index;
}

/**
 * All that is to befall a flow on a route: an outage just before and just after each call of a neighbour; and on the
 * first route, at each call of the flow's own steps and of the agent, and on others where they say so, every other kind of
 * fault.
 *
 * @param calls `caller: neighbour.method`, of a run that nothing befell
 */
function crashPoints(flow: FlowName, route: Route, calls: string[]): Fault[] {
  const isFirst = route === scenarioOf(flow).routes[0];
  const isAlone = calls.every((made) => made.startsWith(`${flow}/`) || made.startsWith("agent:"));
  return calls.flatMap((made, index) => {
    // What a flow starts, a rotation say, is struck in every way on a route of its own.
    const isOwn = isAlone || made.startsWith(`${flow}/`);
    if ((route.strikes === "own" && !isOwn) || !isStruck(calls, index, isFirst)) return [];
    const isEveryWay = (isFirst && isOwn) || route.inEveryWay?.test(made) === true;
    const kinds = isEveryWay ? KINDS : (["outage"] as const);
    const isNext = index > 0 && callerOf(made) === callerOf(calls[index - 1]) && isStruck(calls, index - 1, isFirst);
    return kinds.flatMap((what) =>
      WHEN.filter((when) => when === "after" || !isNext || !DEADLY.includes(what)).map(
        (when): Fault => ({ call: index + 1, when, what }),
      ),
    );
  });
}

/** E.g. `rotation/verify-hash`. */
function callerOf(made: string | undefined): string | undefined {
  return made?.split(": ")[0];
}

/**
 * Runs a route undisturbed, and then once for each of its crash points.
 *
 * @param disturb does something to each world before the flow starts
 * @returns how many different calls were recorded, and how many crash points there were
 * @throws Error that names the fault, the call and the invariant
 */
export async function crashEverywhere(
  flow: FlowName,
  route: Route,
  definitions: Definitions,
  disturb?: Disturbance["disturb"],
) {
  const { calls } = await runUndisturbed(flow, route, definitions, disturb);
  const points = crashPoints(flow, route, calls);
  for (const fault of points) {
    try {
      await crash(flow, route, definitions, fault, disturb);
    } catch (error) {
      const call = `call ${fault.call} (${calls[Number(fault.call) - 1]})`;
      throw new Error(`${flow}, ${route.name}, ${fault.what} ${fault.when} ${call}: ${messageOf(error)}`);
    }
  }
  return { calls: new Set(calls).size, points: points.length };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
