/** One thing that must have come out right, in words that can be compared. */
export interface Check {
  what: string;
  expected: string;
  seen: string;
  ok: boolean;
}

/** It came out right if what was seen reads exactly as what was expected. */
export function check(what: string, expected: string, seen: string): Check {
  return { what, expected, seen, ok: seen === expected };
}
