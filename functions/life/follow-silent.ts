import { lineOf } from "../audit/line.ts";
import type { HostState } from "../clients/hosts.ts";
import type { Registry } from "../clients/registry.ts";
import type { InstanceRecord } from "../record/record.ts";

/** How long, and how often, EC2 must say that it knows no such host before that counts as its end. */
const ABSENT_FOR_MS = 24 * 3600 * 1000;
const ABSENT_AT_LEAST = 3;

/**
 * Follows what EC2 says of a silent instance's host, whose stop or end no event may have told.
 *
 * @param about.state what EC2 has just said
 * @param about.lastProofAt the newest sample that proved a key, in milliseconds since 1970
 * @returns whether it is still a silence that people have to be told of
 */
export async function followSilent(
  { record, state, lastProofAt = 0 }: { record: InstanceRecord; state: HostState; lastProofAt?: number | undefined },
  { registry, now }: { registry: Registry; now: () => number },
): Promise<"STALE" | "WAITING" | "RETIRED"> {
  const { id, ec2InstanceId } = record;
  const at = now();
  switch (state) {
    case "terminated":
      // Before it is retired, so that it does not register again meanwhile.
      await registry.noteEnded(ec2InstanceId, { at });
      await registry.retire(id, { ec2InstanceId, at, line: lineOf("retired", at, { why: "EC2 says terminated" }) });
      return "RETIRED";
    case "stopping":
    case "stopped":
      await registry.stop(id, { ec2InstanceId });
      return "WAITING";
    case "unknown": {
      // What it wrote since then spoke for it, though the looks themselves found it silent.
      if (lastProofAt > (record.absentSince ?? at)) await registry.notePresent(id, { ec2InstanceId });
      const absent = await registry.noteAbsent(id, { ec2InstanceId, at });
      // A host that EC2 does not know once may be one that it does not know yet.
      if (absent === undefined || absent.looks < ABSENT_AT_LEAST || at - absent.since < ABSENT_FOR_MS) return "STALE";
      // Not if it has registered, started or been turned at this very moment.
      const line = lineOf("retired", at, { why: "EC2 has not known the host for a day", looks: absent.looks });
      const change = { ec2InstanceId, at, absentSince: absent.since, line };
      return (await registry.retire(id, change)) ? "RETIRED" : "STALE";
    }
    default:
      if (record.absentSince !== undefined) await registry.notePresent(id, { ec2InstanceId });
      return "STALE";
  }
}
