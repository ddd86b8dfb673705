import type { Happening } from "./setup.ts";

/** What a happening calls an agent: `agent`, or something that ends like it. */
const NAMES_AN_AGENT = /agent$/i;

/** The agents that a happening names, by their numbers. */
export function agentsOf({ what }: Happening): number[] {
  return Object.entries(what).flatMap(([field, value]) =>
    NAMES_AN_AGENT.test(field) && typeof value === "number" ? [value] : [],
  );
}

/** Whether a happening names none but these agents. */
export function isAmong(happening: Happening, agents: number[]): boolean {
  return agentsOf(happening).every((agent) => agents.includes(agent));
}
