import { lineOf } from "../audit/line.ts";
import { findNamed } from "../clients/find-live.ts";
import type { Registry } from "../clients/registry.ts";
import type { Tellers } from "../findings/alter.ts";
import { openFinding } from "../findings/open.ts";
import type { Owner } from "../record/owner.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../shared/errors.ts";

interface Admission {
  ec2InstanceId: string;
  /** For the mail. */
  execution: string;
  /** When its key is due next, where it was turned just now. */
  dueAt?: number;
}

interface Neighbours extends Tellers {
  registry: Registry;
}

/**
 * Has a newcomer take its former's place: it has proved by a receipt that it is the host, or there is nobody whose place it
 * would take. The owner item is turned first, then the former retired, and last the newcomer is active: whoever dies in
 * between leaves a record that is NEW, which the next one finishes. A former in quarantine keeps its place.
 *
 * @returns whether the instance is the holder now; false where the owner item names another, or the former is in quarantine
 * @throws StepError TemporarilyUnavailable where another one writes the owner item at this moment
 */
export async function admit({ id, ...about }: Admission & { id: string }, neighbours: Neighbours): Promise<boolean> {
  const { registry } = neighbours;
  const { ec2InstanceId } = about;
  let owner = await registry.findOwner(ec2InstanceId);
  if (owner?.newcomer === id) {
    const holder = await findNamed(registry, owner.holder, ec2InstanceId);
    if (holder?.status === "QUARANTINED") return false;
    // What an earlier admission has left would be forgotten now.
    await retireFormer(owner, about, neighbours);
    const turned = { ...owner, holder: id, newcomer: undefined, displaced: undefined, former: holder?.id };
    owner = await registry.writeOwner(ec2InstanceId, turned, owner);
    if (owner === undefined) throw new StepError(TEMPORARILY_UNAVAILABLE, `${ec2InstanceId} registers at this moment.`);
  }
  if (owner?.holder !== id) return false;
  await retireFormer(owner, about, neighbours);
  await registry.activate(id, { ec2InstanceId, ...(about.dueAt !== undefined && { dueAt: about.dueAt }) });
  return true;
}

/** Retires the record whose place the holder has taken, and tells people, unless it is retired already. */
async function retireFormer(
  { holder = "", former: id }: Owner,
  { ec2InstanceId, execution }: Admission,
  neighbours: Neighbours,
): Promise<void> {
  const { registry, now } = neighbours;
  const former = await findNamed(registry, id, ec2InstanceId);
  if (former === undefined) return;
  // Told first: whoever dies in between runs again, and finds it told.
  const said = `${ec2InstanceId} was registered as ${former.id}, and is ${holder} now; ${former.id} is retired.`;
  const facts = { id: holder, said };
  await openFinding({ subject: ec2InstanceId, cause: "RegisteredAnew", execution, facts }, neighbours);
  const line = lineOf("retired", now(), { why: "its host has registered anew", successor: holder, execution });
  await registry.retire(former.id, { ec2InstanceId, at: now(), line });
}
