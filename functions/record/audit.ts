// What a record holds of its subject's audit lines.

/** The last line of its subject that a record knows of. */
export interface KnownHead {
  /** 0 where there is none yet. */
  n: number;
  /** The line's digest; empty where there is none yet. */
  digest: string;
}

/** A line that is due: the act has taken place, and whoever comes next puts its line. */
export interface DueLine {
  act: string;
  /** When it took place, in milliseconds since 1970. */
  timeMs: number;
  /** JSON text, or what becomes of it with its keys in order, however a table gives them back. */
  details: string | object;
}
