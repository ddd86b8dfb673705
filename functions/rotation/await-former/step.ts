import { lineOf } from "../../audit/line.ts";
import { findLive, findNamed } from "../../clients/find-live.ts";
import { openFinding } from "../../findings/open.ts";
import { WINDOW_INTERVALS } from "../../record/due.ts";
import type { InstanceRecord } from "../../record/record.ts";
import { admit } from "../../registration/admit.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

type Neighbours = NeighboursOf<typeof contract>;

/** How long a newcomer stays beside a former record that goes on writing. */
const AN_HOUR_MS = 3600_000;

/**
 * Decides about an instance whose record is NEW. Whoever holds a host's credentials can register in its place, take SSM's
 * messages and overwrite its samples, but cannot make these cease: so a newcomer is turned only when its host has run for a
 * whole window and in it nothing at all was written under the former's ID.
 *
 * @returns the instance as it is to be turned
 * @throws StepError Waiting while that is not decided; Retired where the place is another's, or the former goes on
 */
export async function awaitFormer(
  { id, execution }: InputOf<typeof contract>,
  neighbours: Neighbours,
): Promise<OutputOf<typeof contract>> {
  const { registry, now } = neighbours;
  const newcomer = await findLive(registry, id);
  const { ec2InstanceId, current, status } = newcomer;
  const validated = { id, ec2InstanceId, generation: current.generation };
  // Another execution has decided meanwhile.
  if (status !== "NEW") return validated;

  const owner = await registry.findOwner(ec2InstanceId);
  if (owner?.endedAt !== undefined || (owner?.holder !== id && owner?.newcomer !== id)) {
    const line = lineOf("retired", now(), { why: "its host has another record, or is gone", execution });
    await registry.retire(id, { ec2InstanceId, at: now(), line });
    throw new StepError("Retired", `${ec2InstanceId} is registered under another ID than ${id}, or is gone.`);
  }
  const former = owner.holder === id ? undefined : await findNamed(registry, owner.holder, ec2InstanceId);
  if (former?.status === "QUARANTINED") {
    await lookAgainLater(newcomer, neighbours);
    throw new StepError("Quarantined", `${ec2InstanceId} is in quarantine, as ${former.id}.`);
  }
  // Its receipt was seen already, or there is nobody whose place it takes: what was begun is finished.
  const isBegun = former === undefined || current.generation > 1;
  const isTurned = isBegun
    ? await admit({ id, ec2InstanceId, execution }, neighbours)
    : await areSilent([former.id, ...(owner.displaced ?? [])], newcomer, execution, neighbours);
  if (isTurned) return validated;
  await lookAgainLater(newcomer, neighbours);
  throw new StepError("Waiting", `${id} waits until it may take the place of the former record of ${ec2InstanceId}.`);
}

/**
 * Whether whoever the host was before has been silent for a whole window; a newcomer beside one that goes on is retired
 * after an hour.
 *
 * @param formers the ID of the live record, and those of newcomers whose place this one has taken
 */
async function areSilent(
  formers: string[],
  newcomer: InstanceRecord,
  execution: string,
  neighbours: Neighbours,
): Promise<boolean> {
  const { registry, timeSeries, hosts, now, intervalMs, journal } = neighbours;
  const { id, ec2InstanceId, registeredAt } = newcomer;
  const at = now();
  const [former = ""] = formers;
  const windowFrom = at - WINDOW_INTERVALS * intervalMs;
  let writing: string | undefined;
  for (const each of formers) {
    if (await timeSeries.hasAny({ id: each, ec2InstanceId, from: windowFrom })) writing ??= each;
  }
  const runningSince = await hosts.runningSince(ec2InstanceId);
  // Before that, the former may have been silent because the host was off, or what it wrote may be from before.
  const isWindowOver = registeredAt <= windowFrom && runningSince !== undefined && runningSince <= windowFrom;
  journal.info("newcomer", { id, ec2InstanceId, formers: formers.join(" "), writing, isWindowOver });
  if (registeredAt <= windowFrom && writing !== undefined && at - registeredAt >= AN_HOUR_MS) {
    // Told first: whoever dies in between runs again, and finds it told.
    const said = `${ec2InstanceId}, which is ${former}, registered as ${id} too, and ${writing} goes on writing.`;
    const facts = { id, said };
    await openFinding({ subject: ec2InstanceId, cause: "NewcomerRetired", execution, facts }, neighbours);
    const line = lineOf("retired", at, { why: "its former goes on writing", former, writing, execution });
    await registry.retire(id, { ec2InstanceId, at, line });
    throw new StepError("Retired", `${writing} went on for an hour beside ${id}, which is retired.`);
  }
  return isWindowOver && writing === undefined;
}

async function lookAgainLater(
  { id, current: { generation } }: InstanceRecord,
  { registry, now, intervalMs }: Neighbours,
): Promise<void> {
  const at = now();
  await registry.noteWaiting(id, { generation, at, dueAt: at + WINDOW_INTERVALS * intervalMs });
}
