import type { Step } from "../wire/executions.ts";
import { sentenceOf } from "./failure.ts";
import type { Visit, Way } from "./way.ts";

/** The steps of a way, as they are shown. */
export function stepsOf({ visits }: Way): Step[] {
  return visits.map((visit) => {
    const { event, state, type, enteredAt, exitedAt, outcome, attempts, error, cause, started } = visit;
    const within = withinOf(visit);
    return {
      ...{ event, state, type, depth: depthOf(visit), enteredAt, outcome, attempts },
      ...(within !== "" && { within }),
      ...(exitedAt !== undefined && { exitedAt }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause: sentenceOf(cause) }),
      ...(started !== undefined && { started }),
    };
  });
}

function depthOf({ inside }: Visit): number {
  return inside === undefined ? 0 : 1 + depthOf(inside);
}

/** E.g. `ForEach 2`: people count from 1. */
function withinOf({ inside, iteration }: Visit): string {
  if (inside === undefined) return "";
  return iteration === undefined ? inside.state : `${inside.state} ${iteration + 1}`;
}
