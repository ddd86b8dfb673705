import type { ScalarType } from "./tables.ts";

export type SqlValue = string | number | bigint | null;

/** A piece of SQLite's SQL, in which only names and signs from here stand; all values are parameters. */
export interface Sql {
  text: string;
  parameters: SqlValue[];
  type: Type;
}

/** `UNKNOWN` is the type of NULL. */
export type Type = ScalarType | "INTERVAL" | "UNKNOWN";

/** Puts pieces together, with their parameters in order. */
export function join(type: Type, ...pieces: (string | Sql)[]): Sql {
  return {
    text: pieces.map((piece) => (typeof piece === "string" ? piece : piece.text)).join(""),
    parameters: pieces.flatMap((piece) => (typeof piece === "string" ? [] : piece.parameters)),
    type,
  };
}
