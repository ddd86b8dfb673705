import { isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** How long, and how often, EC2 must say that it knows no such host before that counts as its end. */
const ABSENT_FOR_MS = 24 * 3600 * 1000;
const ABSENT_AT_LEAST = 3;

/** Follows what EC2 says of a silent instance's host, whose stop or end no event may have told. */
export async function followHost(
  { id, ec2InstanceId, generation, lastProofAt = 0 }: InputOf<typeof contract>,
  { registry, hosts, now, journal }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const record = await registry.find(id);
  // Who tells people of the silence finds out what became of the record.
  if (record === undefined) return { outcome: "STALE" };
  if (isRetired(record)) return { outcome: "RETIRED" };

  const state = await hosts.state(ec2InstanceId);
  const at = now();
  journal.info("followed", { id, ec2InstanceId, generation, state });
  switch (state) {
    case "terminated":
      // Before it is retired, so that it does not register again meanwhile.
      await registry.noteEnded(ec2InstanceId, { at });
      await registry.retire(id, { ec2InstanceId, at });
      return { outcome: "RETIRED" };
    case "stopping":
    case "stopped":
      await registry.stop(id, { ec2InstanceId });
      return { outcome: "WAITING" };
    case "unknown": {
      // What it wrote since then spoke for it, though the looks themselves found it silent.
      if (lastProofAt > (record.absentSince ?? at)) await registry.notePresent(id, { ec2InstanceId });
      const absent = await registry.noteAbsent(id, { ec2InstanceId, at });
      // A host that EC2 does not know once may be one that it does not know yet.
      if (absent === undefined || absent.looks < ABSENT_AT_LEAST || at - absent.since < ABSENT_FOR_MS) break;
      // Not if it has registered, started or been turned at this very moment.
      if (!(await registry.retire(id, { ec2InstanceId, at, absentSince: absent.since }))) break;
      return { outcome: "RETIRED" };
    }
    default:
      if (record.absentSince !== undefined) await registry.notePresent(id, { ec2InstanceId });
  }
  return { outcome: "STALE" };
}
