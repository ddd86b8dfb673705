import { type Expression, isAggregate } from "./parse.ts";
import { join, type Sql, type Type } from "./sql.ts";

type Call = Extract<Expression, { kind: "call" }>;

const NUMERIC: Type[] = ["INTEGER", "BIGINT", "DOUBLE"];
const ORDERED: Type[] = [...NUMERIC, "VARCHAR", "TIMESTAMP", "BOOLEAN"];

/**
 * A function of the query language in SQLite's SQL.
 *
 * @param of the arguments, compiled
 * @param now in milliseconds since 1970
 * @returns what is wrong, as a sentence, when there is no such function for such arguments
 */
export function callFunction(call: Call, of: Sql[], now: number): Sql | string {
  const { name, star, distinct } = call;
  const [first] = of;
  if (name === "count" && star) return join("BIGINT", "count(*)");
  if (!star && isAggregate(name) && first !== undefined && of.length === 1) return aggregate(name, first, distinct);
  if (!star && !distinct) {
    if (name === "now" && of.length === 0) return { text: "?", parameters: [nanoseconds(now)], type: "TIMESTAMP" };
    if (first !== undefined && of.length === 1) {
      if (name === "ago" && first.type === "INTERVAL") {
        return join(
          "TIMESTAMP",
          "(",
          { text: "?", parameters: [nanoseconds(now)], type: "TIMESTAMP" },
          " - ",
          first,
          ")",
        );
      }
      if (name === "from_milliseconds" && (first.type === "BIGINT" || first.type === "INTEGER")) {
        return join("TIMESTAMP", "(", first, " * 1000000)");
      }
      if (name === "to_milliseconds" && first.type === "TIMESTAMP") return join("BIGINT", "(", first, " / 1000000)");
    }
  }
  return `Function '${name}' is not known here for the arguments (${of.map(({ type }) => type.toLowerCase()).join(", ")})`;
}

function aggregate(name: string, of: Sql, distinct: boolean): Sql | string {
  const open = `${name}(${distinct ? "DISTINCT " : ""}`;
  if (name === "count") return join("BIGINT", open, of, ")");
  const takes = name === "min" || name === "max" ? ORDERED : NUMERIC;
  if (!takes.includes(of.type)) return `Unexpected parameters (${of.type.toLowerCase()}) for function ${name}`;
  if (name === "avg") return join("DOUBLE", open, of, ")");
  return join(name === "sum" && of.type === "INTEGER" ? "BIGINT" : of.type, open, of, ")");
}

function nanoseconds(ms: number): bigint {
  return BigInt(ms) * 1_000_000n;
}
