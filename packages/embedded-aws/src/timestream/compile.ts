import type { AwsError } from "../http/service.ts";
import { callFunction } from "./functions.ts";
import { type Expression, hasAggregate, isAggregate } from "./parse.ts";
import { join, type Sql, type Type } from "./sql.ts";
import type { Column } from "./tables.ts";
import { queryError } from "./tokens.ts";

const NUMERIC = new Set<Type>(["INTEGER", "BIGINT", "DOUBLE"]);

/** Turns expressions of a query into SQLite's, over `r` (timestream_records) and `s` (timestream_series). */
export class Compiler {
  readonly #query: string;
  readonly #columns: Column[];
  /** Milliseconds since 1970. */
  readonly #now: number;

  constructor(query: string, columns: Column[], now: number) {
    this.#query = query;
    this.#columns = columns;
    this.#now = now;
  }

  /** @throws AwsError ValidationException when a column or function is not there, or types do not fit */
  compile(expression: Expression): Sql {
    switch (expression.kind) {
      case "text":
        return { text: "?", parameters: [expression.value], type: "VARCHAR" };
      case "number":
        return this.#number(expression.value);
      case "boolean":
        return { text: "?", parameters: [expression.value ? 1 : 0], type: "BOOLEAN" };
      case "null":
        return { text: "NULL", parameters: [], type: "UNKNOWN" };
      case "duration":
        return { text: "?", parameters: [nanosecondsOf(expression.value)], type: "INTERVAL" };
      case "column":
        return this.#column(expression.name, expression.at);
      case "call": {
        if (isAggregate(expression.name) && expression.of.some(hasAggregate)) {
          throw this.#error(expression.at, "Cannot nest aggregations inside aggregation");
        }
        const of = expression.of.map((one) => this.compile(one));
        const result = callFunction(expression, of, this.#now);
        if (typeof result === "string") throw this.#error(expression.at, result);
        return result;
      }
      case "not":
        return join("BOOLEAN", "(NOT ", this.#condition(expression.of), ")");
      case "logic": {
        const [left, right] = [this.#condition(expression.left), this.#condition(expression.right)];
        return join("BOOLEAN", "(", left, ` ${expression.operator} `, right, ")");
      }
      case "compare": {
        const [left, right] = [this.compile(expression.left), this.compile(expression.right)];
        this.#demandComparable(left, right, expression.operator, expression.at);
        return join("BOOLEAN", "(", left, ` ${expression.operator} `, right, ")");
      }
      case "between": {
        const [of, from, to] = [expression.of, expression.from, expression.to].map((one) => this.compile(one)) as [
          Sql,
          Sql,
          Sql,
        ];
        for (const bound of [from, to]) this.#demandComparable(of, bound, "BETWEEN", expression.at);
        return join("BOOLEAN", "(", of, `${not(expression)} BETWEEN `, from, " AND ", to, ")");
      }
      case "in": {
        const of = this.compile(expression.of);
        const list = expression.list.map((one) => this.compile(one));
        for (const one of list) this.#demandComparable(of, one, "IN", expression.at);
        const commas = list.flatMap((one, index) => (index === 0 ? [one] : [", ", one]));
        return join("BOOLEAN", "(", of, `${not(expression)} IN (`, ...commas, "))");
      }
      case "isNull":
        return join("BOOLEAN", "(", this.compile(expression.of), ` IS${not(expression)} NULL)`);
    }
  }

  /** The column that a query means by `name`; Timestream's names know no case. */
  #column(name: string, at: number): Sql {
    const lower = name.toLowerCase();
    const column =
      this.#columns.find((one) => one.name === name) ?? this.#columns.find((one) => one.name.toLowerCase() === lower);
    if (column === undefined) throw this.#error(at, `Column '${name}' does not exist`);
    if (column.kind === "record") {
      return { text: column.name === "time" ? "r.time" : "s.measureName", parameters: [], type: column.type };
    }
    // What a column may be called (record.ts) leaves out quotes, so its name can stand in the path.
    const json = column.kind === "dimension" ? "s.dimensions" : "r.measures";
    return { text: `json_extract(${json}, '$."${column.name}"')`, parameters: [], type: column.type };
  }

  #number(value: string): Sql {
    if (value.includes(".")) return { text: "?", parameters: [Number(value)], type: "DOUBLE" };
    const whole = BigInt(value);
    return { text: "?", parameters: [whole], type: BigInt.asIntN(32, whole) === whole ? "INTEGER" : "BIGINT" };
  }

  #condition(expression: Expression): Sql {
    const sql = this.compile(expression);
    if (sql.type === "BOOLEAN" || sql.type === "UNKNOWN") return sql;
    throw this.#error(expression.at, `A condition must evaluate to a boolean (actual: ${sql.type.toLowerCase()})`);
  }

  /** The condition of a WHERE. */
  where(expression: Expression): Sql {
    if (hasAggregate(expression)) throw this.#error(expression.at, "WHERE clause cannot contain aggregations");
    return this.#condition(expression);
  }

  #demandComparable({ type: left }: Sql, { type: right }: Sql, operator: string, at: number): void {
    if (left === right || left === "UNKNOWN" || right === "UNKNOWN") return;
    if (NUMERIC.has(left) && NUMERIC.has(right)) return;
    throw this.#error(at, `'${operator}' cannot be applied to ${left.toLowerCase()}, ${right.toLowerCase()}`);
  }

  #error(at: number, message: string): AwsError {
    return queryError(this.#query, at, message);
  }
}

function not({ negated }: { negated: boolean }): string {
  return negated ? " NOT" : "";
}

const UNITS: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

function nanosecondsOf(duration: string): bigint {
  const unit = duration.replace(/^\d+/, "").toLowerCase();
  return BigInt(duration.slice(0, -unit.length)) * (UNITS[unit] ?? 0n);
}
