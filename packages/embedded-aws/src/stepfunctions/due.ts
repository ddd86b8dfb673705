import type { Phase } from "./execution.ts";

/** When a branch is to be looked at again, in milliseconds since 1970. */
export function dueOf(phase: Phase): number | undefined {
  if (phase.at === "waiting" || phase.at === "retrying") return phase.until;
  if (phase.at !== "task") return undefined;
  const { timeoutAt = Number.POSITIVE_INFINITY, heartbeatAt = Number.POSITIVE_INFINITY } = phase;
  const due = Math.min(timeoutAt, heartbeatAt);
  return due === Number.POSITIVE_INFINITY ? undefined : due;
}
