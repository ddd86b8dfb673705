import type { AggregateOptions, SQLOutputValue } from "node:sqlite";
import type { Parts } from "../parts.ts";

interface Greatest {
  value: SQLOutputValue;
  by: SQLOutputValue;
}

/** Teaches SQLite the aggregate `max_by(value, by)`: the value of the row with the greatest `by`; null of no rows. */
export function addMaxBy({ store }: Pick<Parts, "store">): void {
  const aggregate = {
    start: () => null,
    // Nanoseconds since 1970 do not fit into a number of JavaScript.
    useBigIntArguments: true,
    step(greatest: Greatest | null, value: SQLOutputValue, by: SQLOutputValue): Greatest | null {
      if (by === null) return greatest;
      return greatest === null || (greatest.by ?? by) < by ? { value, by } : greatest;
    },
    result: (greatest: Greatest | null): SQLOutputValue => greatest?.value ?? null,
  };
  // What is carried from row to row may be anything; the types know of plain values only.
  store.db.aggregate("max_by", aggregate as unknown as AggregateOptions);
}
