import type { Way } from "./way.ts";

/** How many steps are named. */
const MOST = 40;

/** The way that an execution took, in words: for who does not see the drawing. */
export function wayInWords({ visits }: Way): string {
  const outer = visits.filter(({ inside }) => inside === undefined);
  if (outer.length === 0) return "No state was entered yet.";
  const steps = outer.map(({ state, outcome, error }) => {
    if (outcome === "done") return state;
    if (outcome === "caught") return `${state} (failed with ${error ?? "an error"}, which was caught)`;
    return `${state} (${outcome === "failed" && error !== undefined ? `failed with ${error}` : outcome})`;
  });
  const left = steps.length - MOST;
  const named = left > 0 ? [...steps.slice(0, MOST / 2), `${left} more`, ...steps.slice(-MOST / 2)] : steps;
  return `The way it took: ${named.join(", then ")}.`;
}
