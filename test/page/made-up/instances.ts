import type { Beats, InstanceRow } from "../../../operator/page/wire/live.ts";
import { DAY, HOUR, hostOf, idOf, MINUTE, SECOND, STALE, TAMPERED } from "./names.ts";

/** An instance of which all is well. */
function soundInstance(number: number, now: number): InstanceRow {
  const keySince = now - (number % 13) * DAY - number * SECOND;
  return {
    ...{ id: idOf(number), ec2InstanceId: hostOf(number), status: "ACTIVE", agentVersion: "0.2.0" },
    ip: `10.0.${Math.floor(number / 250)}.${4 + (number % 250)}`,
    ...{
      generation: 1 + (number % 40),
      keySince,
      dueAt: keySince + 14 * DAY,
      verdict: "MATCH",
      judgedAt: now - MINUTE,
    },
    ...{ lastProofAt: now - (number % 50) * SECOND, registeredAt: now - 200 * DAY },
    ...{ rank: 8, needsAttention: false, tone: "good", words: [] },
  };
}

/**
 * A fleet: one instance whose key was tampered with, six of a storm that write nothing any more, one in quarantine, one that is
 * stopped, one that is due since long, one that was retired, and for the rest such of whom nothing is to be said.
 */
export function fleetOf(count: number, now: number): InstanceRow[] {
  const others: Record<number, Partial<InstanceRow>> = {
    0: { verdict: "MISMATCH", rank: 0, needsAttention: true, tone: "bad", words: ["MISMATCH", "failing 8 min"] },
    7: { status: "QUARANTINED", rank: 6, tone: "warn" },
    8: { status: "STOPPED", rank: 9, tone: "quiet", lastProofAt: now - 5 * HOUR },
    10: { rank: 4, tone: "warn", words: ["overdue 3 h"], dueAt: now - 3 * HOUR },
    11: { status: "RETIRED", rank: 10, tone: "quiet", retiredAt: now - 3 * DAY },
  };
  const stale: Partial<InstanceRow> = {
    ...{ verdict: "STALE", lastProofAt: now - 20 * MINUTE },
    ...{ rank: 1, needsAttention: true, tone: "bad", words: ["STALE"] },
  };
  return Array.from({ length: count }, (_, number) => ({
    ...soundInstance(number, now),
    ...others[number],
    ...(STALE.includes(idOf(number)) && stale),
    ...(idOf(number) === TAMPERED && { failingSince: now - 8 * MINUTE }),
  }));
}

/** When each has written its newest sample: those that are stale, long ago. */
export function beatsOf(instances: readonly InstanceRow[], now: number): Beats {
  const live = instances.filter(({ status, id }) => status === "ACTIVE" && !STALE.includes(id));
  return Object.fromEntries(live.map(({ id }, at) => [id, now - (at % 60) * SECOND]));
}
