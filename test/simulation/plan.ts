import { Draw } from "./draw.ts";
import { KINDS } from "./kinds/index.ts";

export const AN_HOUR_MS = 3_600_000;
export const A_DAY_MS = 24 * AN_HOUR_MS;
/** In which all agents boot, and nothing befalls them yet. */
export const BOOTING_MS = 3 * AN_HOUR_MS;
/** At the end nothing new befalls the fleet for so long: what has, must have come right by then. */
export const CALM_DAYS = 2;

/** What is simulated. */
export interface Setup {
  seed: number;
  agents: number;
  /** The numbers of those of them that are simulated; all where nothing is said. */
  alone?: number[];
  /** In all, the calm ones at the end among them. */
  days: number;
  /** How many these are; CALM_DAYS where nothing is said. */
  calmDays?: number;
  /** How many times as often as usual things befall it; once where nothing is said. */
  often?: number;
  /** The kinds of things that befall it; all where nothing is said. */
  only?: string[];
}

/** Something that befalls the fleet. */
export interface Happening {
  /** Milliseconds from the beginning. */
  at: number;
  kind: string;
  what: object;
}

/**
 * All that is to befall a fleet, drawn of the seed before anything runs, so that a part of it can be left out. Each kind has a stream
 * of its own: a new kind alters nothing of the others.
 */
export function planOf({ seed, agents, days, often = 1, calmDays = CALM_DAYS, only }: Setup): Happening[] {
  const [from, to] = [BOOTING_MS, (days - calmDays) * A_DAY_MS];
  const kinds = Object.entries(KINDS).filter(([name]) => only === undefined || only.includes(name));
  const all = kinds.flatMap(([name, { rate, draw: drawOne }]) => {
    const draw = new Draw(`${seed} ${name}`, agents);
    const perDay = "perDay" in rate ? rate.perDay : rate.perAgentDay * agents;
    const expected = (often * perDay * (to - from)) / A_DAY_MS;
    const count = Math.floor(expected) + (draw.fraction() < expected % 1 ? 1 : 0);
    return Array.from({ length: Math.max(0, count) }, (): Happening => {
      const at = Math.floor(from + draw.fraction() * (to - from));
      return { at, kind: name, what: drawOne(draw) };
    });
  });
  return all.sort((one, other) => one.at - other.at);
}
