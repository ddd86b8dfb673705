import type { Finding } from "../../functions/findings/finding.ts";
import type { Instance } from "../../operator/reads/instances.ts";

/** A moment: 2026-11-28, noon. */
export const NOW = Date.UTC(2026, 10, 28, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const EXECUTION = "arn:aws:states:eu-west-1:111122223333:execution:keyturn-watch:a-look";

/** An instance with which all is well: its key is 3 days old, and due in 27. */
export function instance(changes: Partial<Instance> & { id: string }): Instance {
  return {
    ec2InstanceId: `i-0000000000${changes.id}0`,
    ...{ status: "ACTIVE", ip: "10.0.0.1", agentVersion: "0.2.0", generation: 4, keySince: NOW - 3 * DAY },
    ...{ dueAt: NOW + 27 * DAY, verdict: "MATCH", judgedAt: NOW - MINUTE, lastProofAt: NOW - 2 * MINUTE },
    ...changes,
  };
}

/** A finding that stands since an hour. */
export function finding(changes: Partial<Finding> & Pick<Finding, "subject" | "cause">): Finding {
  const since = changes.since ?? NOW - HOUR;
  return { since, seenAt: since, times: 1, execution: EXECUTION, facts: {}, toldAt: since, version: 1, ...changes };
}
