import { queryError, syntaxError, type Token, tokenize } from "./tokens.ts";

/** A column of the table. `at` is where it stands in the query, from 1. */
export interface ColumnName {
  kind: "column";
  name: string;
  at: number;
}

/** What is compared, and what may be selected. */
export type Operand =
  | ColumnName
  | { kind: "text"; value: string; at: number }
  | { kind: "number"; value: string; at: number }
  /** What now, ago and from_milliseconds come to: nanoseconds since 1970. */
  | { kind: "moment"; value: bigint; at: number };

/** `count` without `of` is `count(*)`. */
export type Item =
  | Operand
  | { kind: "max"; of: ColumnName; at: number }
  /** What the first has where the second is greatest. */
  | { kind: "max_by"; of: ColumnName; by: ColumnName; at: number }
  | { kind: "count"; of?: ColumnName; at: number };

export type Condition =
  | { kind: "comparison"; left: Operand | Length; operator: string; right: Operand; at: number }
  | { kind: "in"; of: ColumnName; values: string[]; at: number }
  | { kind: "regexp_like"; of: ColumnName; pattern: string; at: number };

/** How many characters a text has. */
export interface Length {
  kind: "length";
  of: ColumnName;
  at: number;
}

export interface Select {
  items: Item[];
  from?: { database: string; table: string };
  /** All of them hold. */
  where: Condition[];
  groupBy: ColumnName[];
  orderByTime?: { direction: "ASC" | "DESC"; at: number };
  limit?: number;
}

const KEYWORDS = new Set("SELECT FROM WHERE GROUP ORDER BY LIMIT ASC DESC AS AND OR NOT IN BETWEEN IS NULL".split(" "));
/** Bounds what SQLite can be made to do. */
const MOST_WORDS = 1000;
const COMPARISONS = ["=", "<>", "!=", "<", "<=", ">", ">="];
const FUNCTIONS = "only max, max_by, count, ago, now and from_milliseconds are, and in WHERE length and regexp_like";

const UNITS: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

/**
 * Parses the part of Timestream's language that is known here: one SELECT over one table.
 *
 * @param nowMs milliseconds since 1970
 * @throws AwsError ValidationException at the first word that does not fit
 */
export function parseQuery(query: string, nowMs: number): Select {
  return new Parser(query, nowMs).select();
}

class Parser {
  readonly #query: string;
  readonly #now: bigint;
  readonly #tokens: Token[];
  #next = 0;

  constructor(query: string, nowMs: number) {
    this.#query = query;
    this.#now = BigInt(nowMs) * 1_000_000n;
    this.#tokens = tokenize(query);
    const tooMuch = this.#tokens[MOST_WORDS];
    if (tooMuch)
      throw queryError(query, tooMuch.at, `The query has more than the ${MOST_WORDS} words that are taken here`);
  }

  select(): Select {
    this.#demand("SELECT");
    const select: Select = { items: this.#list(() => this.#item()), where: [], groupBy: [] };
    if (this.#take("FROM")) {
      const database = this.#name();
      this.#demand(".");
      select.from = { database, table: this.#name() };
      if (this.#take("WHERE")) {
        do select.where.push(this.#condition());
        while (this.#take("AND"));
      }
      if (this.#take("GROUP")) {
        this.#demand("BY");
        select.groupBy = this.#list(() => this.#column());
      }
      if (this.#take("ORDER")) {
        this.#demand("BY");
        const { at } = this.#token;
        this.#demand("TIME");
        select.orderByTime = { direction: this.#take("DESC") ? "DESC" : "ASC", at };
        if (select.orderByTime.direction === "ASC") this.#take("ASC");
      }
      if (this.#take("LIMIT")) select.limit = this.#count();
    }
    this.#take(";");
    if (this.#token.kind !== "end") throw this.#unexpected();
    return select;
  }

  #item(): Item {
    const { at } = this.#token;
    if (this.#takeCall("max")) {
      const of = this.#column();
      this.#demand(")");
      return { kind: "max", of, at };
    }
    if (this.#takeCall("max_by")) {
      const of = this.#column();
      this.#demand(",");
      const by = this.#column();
      this.#demand(")");
      return { kind: "max_by", of, by, at };
    }
    if (!this.#takeCall("count")) return this.#operand();
    const of = this.#take("*") ? undefined : this.#column();
    this.#demand(")");
    return { kind: "count", ...(of !== undefined && { of }), at };
  }

  #condition(): Condition {
    const start = this.#token.at;
    if (this.#takeCall("regexp_like")) {
      const of = this.#column();
      this.#demand(",");
      const pattern = this.#text();
      this.#demand(")");
      return { kind: "regexp_like", of, pattern, at: start };
    }
    const left = this.#takeCall("length") ? this.#length(start) : this.#operand();
    const { kind, value, at } = this.#token;
    if (left.kind === "column" && this.#take("IN")) {
      this.#demand("(");
      const values = this.#list(() => this.#text());
      this.#demand(")");
      return { kind: "in", of: left, values, at };
    }
    if (kind !== "sign" || !COMPARISONS.includes(value)) throw this.#unexpected();
    this.#next += 1;
    return { kind: "comparison", left, operator: value === "!=" ? "<>" : value, right: this.#operand(), at };
  }

  /** What stands in the brackets of length, and the closing one. */
  #length(at: number): Length {
    const of = this.#column();
    this.#demand(")");
    return { kind: "length", of, at };
  }

  #text(): string {
    const { kind, value } = this.#token;
    if (kind !== "text") throw this.#unexpected();
    this.#next += 1;
    return value;
  }

  #operand(): Operand {
    const { kind, value, at } = this.#token;
    if (kind === "text") {
      this.#next += 1;
      return { kind, value, at };
    }
    if (kind === "number" || value === "-") return { kind: "number", value: this.#number(), at };
    if (this.#takeCall("now")) return this.#moment(this.#now, at);
    if (this.#takeCall("ago")) return this.#moment(this.#now - this.#duration(), at);
    if (this.#takeCall("from_milliseconds")) return this.#moment(BigInt(this.#whole()) * 1_000_000n, at);
    if (kind === "name" && this.#tokens[this.#next + 1]?.value === "(") {
      throw queryError(this.#query, at, `Function '${value}' is not known here; ${FUNCTIONS}`);
    }
    return this.#column();
  }

  /** What a function of time came to, with its closing bracket. */
  #moment(value: bigint, at: number): Operand {
    this.#demand(")");
    return { kind: "moment", value, at };
  }

  #column(): ColumnName {
    const { at } = this.#token;
    return { kind: "column", name: this.#name(), at };
  }

  #number(): string {
    const sign = this.#take("-") ? "-" : "";
    const { kind, value } = this.#token;
    if (kind !== "number") throw this.#unexpected();
    this.#next += 1;
    return sign + value;
  }

  #whole(): string {
    const { at } = this.#token;
    const number = this.#number();
    if (number.includes(".")) throw syntaxError(this.#query, at);
    return number;
  }

  /** In nanoseconds. */
  #duration(): bigint {
    const { kind, value } = this.#token;
    if (kind !== "duration") throw this.#unexpected();
    this.#next += 1;
    const unit = value.replace(/^\d+/, "").toLowerCase();
    return BigInt(value.slice(0, -unit.length)) * (UNITS[unit] ?? 0n);
  }

  #list<T>(one: () => T): T[] {
    const list = [one()];
    while (this.#take(",")) list.push(one());
    return list;
  }

  #name(): string {
    const { kind, value, quoted } = this.#token;
    if (kind !== "name" || (!quoted && KEYWORDS.has(value.toUpperCase()))) throw this.#unexpected();
    this.#next += 1;
    return value;
  }

  #count(): number {
    const { kind, value } = this.#token;
    if (kind !== "number" || !/^\d{1,9}$/.test(value)) throw this.#unexpected();
    this.#next += 1;
    return Number(value);
  }

  /** Takes the beginning of a call, with its opening bracket, if it comes next. */
  #takeCall(name: string): boolean {
    const { kind, value, quoted } = this.#token;
    const is =
      kind === "name" && !quoted && value.toLowerCase() === name && this.#tokens[this.#next + 1]?.value === "(";
    if (is) this.#next += 2;
    return is;
  }

  /** Takes a keyword or sign if it comes next. */
  #take(word: string): boolean {
    const { kind, value, quoted } = this.#token;
    const is = !quoted && (kind === "name" || kind === "sign") && value.toUpperCase() === word;
    if (is) this.#next += 1;
    return is;
  }

  #demand(word: string): void {
    if (!this.#take(word)) throw this.#unexpected();
  }

  get #token(): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new Error("read beyond the end of the query");
    return token;
  }

  #unexpected(): Error {
    return syntaxError(this.#query, this.#token.at);
  }
}
