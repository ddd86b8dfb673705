import { findLive } from "../../clients/find-live.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";
import { judge } from "./judge.ts";
import { openKeys } from "./open-keys.ts";

/** Verifies what the instance wrote against the record as it is now. */
export async function verifyHash(
  { id, ec2InstanceId, generation, samples }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, vault, now, intervalMs, skewMs, journal } = neighbours;
  const record = await findLive(registry, id);
  // Another execution was faster, and the receipt that it confirmed was the proof.
  if (record.current.generation !== generation) return { verdict: "SUPERSEDED" };

  const keys = await openKeys(record, vault);
  const moment = { now: now(), intervalMs, skewMs };
  const judgement = judge(samples, record, keys, moment);
  journal.info("verified", { id, ec2InstanceId, generation, verdict: judgement.verdict });
  journal.count("Verdict", { verdict: judgement.verdict });

  if (judgement.verdict === "WAITING" && record.status !== "STOPPED") {
    // Nobody is told, so this is where it is noted; it is tried again as soon as it can have written something.
    await registry.noteWaiting(id, { generation, at: moment.now, dueAt: moment.now + intervalMs });
  }
  return judgement;
}
