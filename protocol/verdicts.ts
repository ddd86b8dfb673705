/** What an instance's samples say of it. docs/runbook.md tells what to do about each. */
export const VERDICTS = ["WAITING", "SUPERSEDED", "STALE", "MISMATCH", "CONFLICT", "MATCH_PENDING", "MATCH"] as const;
export type Verdict = (typeof VERDICTS)[number];
