import type { Parts } from "../parts.ts";

// Timestream's regular expressions are Java's. Those that are taken here mean the same to JavaScript.

/** What of them is known here, for those whose pattern is refused. */
export const PATTERNS = "letters and digits are, [classes] of them, and {numbers} of times";

const KNOWN = /^(?:(?:[a-zA-Z0-9]|\[(?:[a-zA-Z0-9]|a-f|a-z|A-F|A-Z|0-9)+\])(?:\{\d{1,3}\})?)+$/;

export function isKnownPattern(pattern: string): boolean {
  return KNOWN.test(pattern);
}

/** Teaches SQLite `regexp_like(text, pattern)`: whether the pattern, one of those known here, occurs in the text. */
export function addRegexpLike({ store }: Pick<Parts, "store">): void {
  store.db.function("regexp_like", { deterministic: true }, (text, pattern) =>
    text === null ? null : Number(new RegExp(String(pattern)).test(String(text))),
  );
}
