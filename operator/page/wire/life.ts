import type { InstanceRow, StandingRow } from "./live.ts";

/** What is known of one subject: an instance, a credential, an access key, or a host that none of them is. */

/** Something in a life. */
export interface LifeEntry {
  at: number;
  /** The act of an audit line, or `refused`, `found`, `mailed` and `ended` of a finding, or `proved` and `checked`. */
  what: string;
  /** In one line. */
  says: string;
  /** Who asked, as claimed, and by what; and the same without the rest of a run's long name. */
  asked?: string;
  askedAtAGlance?: string;
  /** The name of the execution, and its ARN where it is known of which flow it is. */
  execution?: string;
  executionArn?: string;
}

/** For how long something stood, or stands still. */
export interface LifeFinding {
  subject: string;
  cause: string;
  since: number;
  toldAt?: number;
  endedAt?: number;
}

/** An instance, as its record says. */
export type LifeInstance = Omit<InstanceRow, "rank" | "needsAttention" | "tone" | "words">;

export interface LifeDocument {
  readAt: number;
  /** As every other command takes it. */
  subject: string;
  kind: "instance" | "host" | "secret" | "access-key";
  instance?: LifeInstance;
  /** Other IDs of the same host. */
  otherIds: string[];
  /** What it is now, in words, where it is no instance. */
  now: (readonly [label: string, text: string])[];
  /** How many audit lines there are before the first in `life`. */
  earlierLines: number;
  /** The oldest first. */
  life: LifeEntry[];
  /** The oldest first; those that have ended, too. */
  findings: LifeFinding[];
  /** When which generation of its key was promoted, as far as `life` goes back. */
  turns: { at: number; generation: number }[];
  /** The oldest first. */
  stands: StandingRow[];
}

/** That an instance has proved itself at a moment, by its key of a generation. */
export interface SampleMark {
  at: number;
  generation: number;
}

export interface SamplesDocument {
  /** The window that was read, both ends in it. */
  from: number;
  to: number;
  /** The oldest first. */
  samples: SampleMark[];
  /** Whether there may be older ones in the window: these are the newest of it. */
  isCut: boolean;
}

/** So many samples are read at once, of a window of so many milliseconds, at the most. */
export const MOST_SAMPLES = 2000;
export const LONGEST_WINDOW_MS = 2 * 86_400_000;
