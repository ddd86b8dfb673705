import { AN_HOUR_MS } from "./times.ts";
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
