import { z } from "zod";
import { readInput } from "../http/input.ts";
import { AwsError, type Question } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { addMaxBy } from "./max-by.ts";
import { parseQuery } from "./parse.ts";
import { addRegexpLike } from "./pattern.ts";
import { type Plan, planQuery } from "./plan.ts";
import { type ScalarType, type Tables, tableArn } from "./tables.ts";

const QUERY = z.strictObject({
  QueryString: z.string().min(1).max(262_144),
  ClientToken: z.string().min(32).max(128).optional(),
  NextToken: z.string().min(1).optional(),
  MaxRows: z.int().min(1).max(1000).optional(),
});

/** As many unfinished answers are kept; whoever comes back later begins anew. */
const MOST_OPEN = 16;
const ROWS_A_PAGE = 1000;

type Row = Record<string, unknown>;

/** The rest of an answer of which a page was given. */
interface Open {
  query: string;
  plan: Plan;
  rows: Row[];
  at: number;
}

/** Answers queries, in pages. */
export class Queries {
  readonly #parts: Parts;
  readonly #tables: Tables;
  readonly #open = new Map<string, Open>();

  constructor(parts: Parts, tables: Tables) {
    this.#parts = parts;
    this.#tables = tables;
    addRegexpLike(parts);
    addMaxBy(parts);
  }

  query(input: unknown): unknown {
    const { QueryString, NextToken, MaxRows } = readInput(QUERY, input);
    const { query, plan, rows, at } =
      NextToken === undefined ? this.#run(QueryString) : this.#reopen(NextToken, QueryString);
    const end = at + (MaxRows ?? ROWS_A_PAGE);
    const QueryId = NextToken?.split(".")[0] ?? this.#parts.random(13).toString("hex").toUpperCase();
    const next = `${QueryId}.${end}`;
    if (end < rows.length) this.#keep(next, { query, plan, rows, at: end });
    return {
      QueryId,
      ...(end < rows.length && { NextToken: next }),
      Rows: rows.slice(at, end).map((row) => ({
        Data: plan.columns.map(({ type }, index) => datumOf(row[`c${index}`], type)),
      })),
      ColumnInfo: plan.columns.map(({ name, type }) => ({ Name: name, Type: { ScalarType: type } })),
      QueryStatus: { ProgressPercentage: 100, CumulativeBytesScanned: 0, CumulativeBytesMetered: 0 },
    };
  }

  /** What a query needs: to select from its table, or values that are in none. */
  needs({ QueryString }: { QueryString?: unknown }): Question[] {
    const { from } = parseQuery(String(QueryString), this.#parts.clock.now());
    if (from === undefined) return [{ action: "timestream:SelectValues", resource: "*" }];
    return [{ action: "timestream:Select", resource: tableArn(from.database, from.table) }];
  }

  #run(query: string): Open {
    const plan = planQuery(query, this.#tables, this.#parts);
    const statement = this.#parts.store.db.prepare(plan.text);
    // Nanoseconds since 1970 do not fit into a number of JavaScript.
    statement.setReadBigInts(true);
    return { query, plan, rows: statement.all(...plan.parameters), at: 0 };
  }

  /** A token stays good after use: an answer may be lost and asked for again. */
  #reopen(token: string, query: string): Open {
    const open = this.#open.get(token);
    if (open === undefined || open.query !== query) {
      throw new AwsError("ValidationException", "The NextToken is not valid for this query, or too old.");
    }
    return open;
  }

  #keep(token: string, open: Open): void {
    this.#open.set(token, open);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_OPEN && oldest !== undefined) this.#open.delete(oldest);
  }
}

function datumOf(value: unknown, type: ScalarType): Record<string, unknown> {
  if (value === null || value === undefined) return { NullValue: true };
  return { ScalarValue: textOf(value, type) };
}

function textOf(value: unknown, type: ScalarType): string {
  if (type === "TIMESTAMP") return timestampOf(BigInt(value as bigint));
  if (type === "BOOLEAN") return Number(value) === 0 ? "false" : "true";
  if (type === "DOUBLE") return Number.isInteger(Number(value)) ? `${Number(value)}.0` : String(value);
  return String(value);
}

/** Nanoseconds since 1970 as `2026-01-01 00:00:00.000000000`. */
function timestampOf(nanoseconds: bigint): string {
  const fraction = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = new Date(Number((nanoseconds - fraction) / 1_000_000n)).toISOString().slice(0, 19).replace("T", " ");
  return `${seconds}.${String(fraction).padStart(9, "0")}`;
}
