import { queryError, syntaxError, type Token, tokenize } from "./tokens.ts";

/** A part of a query that has a value. `at` is where it stands in the query, from 1. */
export type Expression = { at: number } & (
  | { kind: "text"; value: string }
  | { kind: "number"; value: string }
  | { kind: "boolean"; value: boolean }
  | { kind: "null" }
  | { kind: "duration"; value: string }
  | { kind: "column"; name: string }
  | { kind: "call"; name: string; of: Expression[]; star: boolean; distinct: boolean }
  | { kind: "not"; of: Expression }
  | { kind: "logic"; operator: "AND" | "OR"; left: Expression; right: Expression }
  | { kind: "compare"; operator: string; left: Expression; right: Expression }
  | { kind: "between"; negated: boolean; of: Expression; from: Expression; to: Expression }
  | { kind: "in"; negated: boolean; of: Expression; list: Expression[] }
  | { kind: "isNull"; negated: boolean; of: Expression }
);

export interface Select {
  distinct: boolean;
  /** `*` or expressions, with the names given to them. */
  items: "*" | { value: Expression; alias?: string }[];
  from?: { database: string; table: string };
  where?: Expression;
  groupBy: Expression[];
  orderBy: { value: Expression; descending: boolean }[];
  limit?: number;
}

const AGGREGATES = new Set(["count", "min", "max", "sum", "avg"]);

/** Whether a function gathers many rows into one value. */
export function isAggregate(name: string): boolean {
  return AGGREGATES.has(name);
}

/** Whether an aggregate stands anywhere in `expression`. */
export function hasAggregate(expression: Expression): boolean {
  if (expression.kind === "call" && isAggregate(expression.name)) return true;
  const inner = Object.values(expression).flat();
  return inner.some((one) => typeof one === "object" && one !== null && hasAggregate(one));
}

const KEYWORDS = new Set(
  "SELECT DISTINCT FROM WHERE GROUP ORDER BY LIMIT ASC DESC AS AND OR NOT IN BETWEEN IS NULL TRUE FALSE".split(" "),
);
/** Bounds how deep the parser, and SQLite after it, can be made to go. */
const MOST_WORDS = 1000;
const COMPARISONS = ["=", "<>", "!=", "<", "<=", ">", ">="];

/**
 * Parses the part of Timestream's language that is known here: one SELECT over one table.
 *
 * @throws AwsError ValidationException at the first word that does not fit
 */
export function parseQuery(query: string): Select {
  return new Parser(query).select();
}

class Parser {
  readonly #query: string;
  readonly #tokens: Token[];
  #next = 0;

  constructor(query: string) {
    this.#query = query;
    this.#tokens = tokenize(query);
    const tooMuch = this.#tokens[MOST_WORDS];
    if (tooMuch)
      throw queryError(query, tooMuch.at, `The query has more than the ${MOST_WORDS} words that are taken here`);
  }

  select(): Select {
    this.#demand("SELECT");
    const distinct = this.#take("DISTINCT");
    const items = this.#take("*") ? "*" : this.#list(() => this.#item());
    const select: Select = { distinct, items, groupBy: [], orderBy: [] };
    if (this.#take("FROM")) {
      const database = this.#name();
      this.#demand(".");
      select.from = { database, table: this.#name() };
    }
    if (this.#take("WHERE")) select.where = this.#expression();
    if (this.#take("GROUP")) {
      this.#demand("BY");
      select.groupBy = this.#list(() => this.#expression());
    }
    if (this.#take("ORDER")) {
      this.#demand("BY");
      select.orderBy = this.#list(() => {
        const value = this.#expression();
        const descending = this.#take("DESC");
        if (!descending) this.#take("ASC");
        return { value, descending };
      });
    }
    if (this.#take("LIMIT")) select.limit = this.#count();
    this.#take(";");
    if (this.#token.kind !== "end") throw this.#unexpected();
    return select;
  }

  #item(): { value: Expression; alias?: string } {
    const value = this.#expression();
    return this.#take("AS") ? { value, alias: this.#name() } : { value };
  }

  #expression(): Expression {
    let left = this.#conjunction();
    for (let { at } = this.#token; this.#take("OR"); { at } = this.#token) {
      left = { kind: "logic", operator: "OR", left, right: this.#conjunction(), at };
    }
    return left;
  }

  #conjunction(): Expression {
    let left = this.#negation();
    for (let { at } = this.#token; this.#take("AND"); { at } = this.#token) {
      left = { kind: "logic", operator: "AND", left, right: this.#negation(), at };
    }
    return left;
  }

  #negation(): Expression {
    const { at } = this.#token;
    return this.#take("NOT") ? { kind: "not", of: this.#negation(), at } : this.#predicate();
  }

  #predicate(): Expression {
    const of = this.#primary();
    const { at, value } = this.#token;
    if (this.#token.kind === "sign" && COMPARISONS.includes(value)) {
      this.#next += 1;
      return { kind: "compare", operator: value === "!=" ? "<>" : value, left: of, right: this.#primary(), at };
    }
    if (this.#take("IS")) {
      const negated = this.#take("NOT");
      this.#demand("NULL");
      return { kind: "isNull", negated, of, at };
    }
    const negated = this.#take("NOT");
    if (this.#take("BETWEEN")) {
      const from = this.#primary();
      this.#demand("AND");
      return { kind: "between", negated, of, from, to: this.#primary(), at };
    }
    if (this.#take("IN")) {
      this.#demand("(");
      const list = this.#list(() => this.#primary());
      this.#demand(")");
      return { kind: "in", negated, of, list, at };
    }
    if (negated) throw this.#unexpected();
    return of;
  }

  #primary(): Expression {
    const { kind, value, quoted, at } = this.#token;
    if (this.#take("(")) {
      const inner = this.#expression();
      this.#demand(")");
      return inner;
    }
    if (this.#take("NULL")) return { kind: "null", at };
    if (this.#take("TRUE")) return { kind: "boolean", value: true, at };
    if (this.#take("FALSE")) return { kind: "boolean", value: false, at };
    if (this.#take("-")) {
      const number = this.#token;
      if (number.kind !== "number") throw this.#unexpected();
      this.#next += 1;
      return { kind: "number", value: `-${number.value}`, at };
    }
    if (kind === "text" || kind === "number" || kind === "duration") {
      this.#next += 1;
      return { kind, value, at };
    }
    const name = this.#name();
    return !quoted && this.#take("(") ? this.#call(name.toLowerCase(), at) : { kind: "column", name, at };
  }

  /** The arguments of a function, up to its closing bracket. */
  #call(name: string, at: number): Expression {
    if (this.#take(")")) return { kind: "call", name, of: [], star: false, distinct: false, at };
    const star = this.#take("*");
    const distinct = !star && this.#take("DISTINCT");
    const of = star ? [] : this.#list(() => this.#expression());
    this.#demand(")");
    return { kind: "call", name, of, star, distinct, at };
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
