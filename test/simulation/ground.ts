import type { World } from "../harness/world.ts";

/** What all parts of a fleet stand on: its account, and its time. */
export interface Ground {
  readonly world: World;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Has something happen so much later. */
  later(ms: number, run: () => void): void;
  /** Writes a line into the history. */
  note(what: string): void;
}
