/** What the page plays here: faults, what is expected of each, and what came. Served by whoever lets the page act, under `/here/`. */

/** A place in the page, for a link: `#/VIEW/ABOUT`. */
export interface PlayLink {
  label: string;
  view: string;
  about: string;
}

/** A fault that can be played. */
export interface PlayRow {
  name: string;
  title: string;
  /** What it does, in a sentence. */
  does: string;
  /** The IDs of those on whom it can be played now, the best choice first; left out where it is about none of them. */
  on?: string[];
  /** Why it cannot be played now, as a sentence; left out where it can. */
  cannot?: string;
}

/** Something that is to happen in a run. */
export interface ExpectationRow {
  says: string;
  /** By when; left out where it takes its time, or counts from what has not come yet. */
  by?: number;
  /** When it did. */
  metAt?: number;
  /** What came, where that is more than `says`. */
  said?: string;
  links: PlayLink[];
  /** What whoever looks does: what they type, or the words on a button that does it. */
  command?: string;
  button?: string;
  /** Whether what it follows from has come: before that it is not its turn. */
  isDue: boolean;
}

/** A fault that was played. */
export interface RunRow {
  number: number;
  name: string;
  title: string;
  /** On whom. */
  id?: string;
  startedAt: number;
  expectations: ExpectationRow[];
  /** Why it broke off, as a sentence. */
  failed?: string;
}

export interface PlaysDocument {
  /** When it was read, by the clock of whoever plays. */
  at: number;
  plays: PlayRow[];
  /** The newest first. */
  runs: RunRow[];
}
