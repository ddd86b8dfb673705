import type { Happening } from "./plan.ts";

/** What a happening calls an agent: `agent`, or something that ends like it. */
const NAMES_AN_AGENT = /agent$/i;

/** The agents that a happening names, by their numbers. */
export function agentsOf({ what }: Happening): number[] {
  return Object.entries(what).flatMap(([field, value]) =>
    NAMES_AN_AGENT.test(field) && typeof value === "number" ? [value] : [],
  );
}

/**
 * What is left of a plan where there are only some of the agents, each with a new number: its place among those.
 *
 * @param kept the numbers of those that are left
 */
export function among(plan: Happening[], kept: number[]): Happening[] {
  return plan
    .filter((one) => agentsOf(one).every((agent) => kept.includes(agent)))
    .map(({ what, ...one }) => {
      const fields = Object.entries(what).map(([field, value]) =>
        NAMES_AN_AGENT.test(field) && typeof value === "number" ? [field, kept.indexOf(value)] : [field, value],
      );
      return { ...one, what: Object.fromEntries(fields) };
    });
}
