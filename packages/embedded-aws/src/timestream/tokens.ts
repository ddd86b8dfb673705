import { AwsError } from "../http/service.ts";

/** A word of a query. `at` is where it begins, from 1. */
export interface Token {
  kind: "name" | "text" | "number" | "duration" | "sign" | "end";
  /** As written; of text and quoted names what stands between the quotes. */
  value: string;
  quoted: boolean;
  at: number;
}

const TOKEN =
  /\s+|--[^\n]*|(?<text>'(?:[^']|'')*')|(?<quoted>"[^"]+")|(?<duration>\d+(?:ns|us|ms|s|m|h|d)\b)|(?<number>\d+(?:\.\d+)?\b)|(?<name>[a-z_]\w*(?:::[a-z]+)?)|(?<sign><>|!=|<=|>=|[=<>(),.*;-])/iy;

/** What of Timestream's language is known here, for those whose query is refused. */
const KNOWN =
  "The embedded AWS takes one SELECT of columns, literals, max, max_by and count over one table, with comparisons, IN of texts and " +
  "regexp_like joined by AND, GROUP BY columns, ORDER BY time and LIMIT.";

/** @throws AwsError ValidationException at what is no word of the language */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < query.length) {
    const at = TOKEN.lastIndex + 1;
    const groups = TOKEN.exec(query)?.groups;
    if (groups === undefined) throw syntaxError(query, at);
    const { text, quoted, duration, number, name, sign } = groups;
    if (text !== undefined)
      tokens.push({ kind: "text", value: text.slice(1, -1).replaceAll("''", "'"), quoted: true, at });
    else if (quoted !== undefined) tokens.push({ kind: "name", value: quoted.slice(1, -1), quoted: true, at });
    else if (duration !== undefined) tokens.push({ kind: "duration", value: duration, quoted: false, at });
    else if (number !== undefined) tokens.push({ kind: "number", value: number, quoted: false, at });
    else if (name !== undefined) tokens.push({ kind: "name", value: name, quoted: false, at });
    else if (sign !== undefined) tokens.push({ kind: "sign", value: sign, quoted: false, at });
  }
  tokens.push({ kind: "end", value: "", quoted: false, at: query.length + 1 });
  return tokens;
}

/** A query's error at a place, told as Timestream does. */
export function queryError(query: string, at: number, message: string): AwsError {
  return new AwsError("ValidationException", `${placeOf(query, at)}: ${message}`);
}

/** What does not fit at a place: told as Timestream does, with what would fit here. */
export function syntaxError(query: string, at: number): AwsError {
  return new AwsError("ValidationException", `The query syntax is invalid at ${placeOf(query, at)}. ${KNOWN}`);
}

function placeOf(query: string, at: number): string {
  const lines = query.slice(0, at - 1).split("\n");
  return `line ${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
}
