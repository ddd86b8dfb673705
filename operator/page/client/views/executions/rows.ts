import type { ExecutionRow } from "../../../wire/executions.ts";

/** So many are shown at most. */
const MOST = 1000;

/** The rows that were there with those that came now, which are newer: each once, as it was read last; the newest first. */
export function merged(former: readonly ExecutionRow[], read: readonly ExecutionRow[]): ExecutionRow[] {
  const all = new Map([...former, ...read].map((row) => [row.arn, row]));
  return [...all.values()].sort((one, other) => other.startedAt - one.startedAt).slice(0, MOST);
}
