import { findNamed } from "../clients/find-live.ts";
import type { Registry } from "../clients/registry.ts";
import { comingAgain, MOST_DISPLACED, type Owner } from "../record/owner.ts";
import { StepError } from "../shared/errors.ts";

/**
 * Has the owner item of an EC2 instance name an ID, before there is a record of it: as the holder where there is none, else
 * as the newcomer, in an earlier one's place. A holder without a record is a registration that died on its way, or that is
 * on it still: its place is taken, and what comes of it afterwards finds itself unnamed.
 *
 * @param before the item as it stands; it does not name the ID
 * @returns the item as it stands now; undefined if another write came between: look again
 * @throws StepError Quarantined, TooManyIds
 */
export async function claim(
  { id, ec2InstanceId }: { id: string; ec2InstanceId: string },
  before: Owner | undefined,
  { registry, now }: { registry: Registry; now: () => number },
): Promise<Owner | undefined> {
  const holder = await findNamed(
    registry,
    before?.holder ?? (await unowned(registry, ec2InstanceId, id)),
    ec2InstanceId,
  );
  const newcomer = await findNamed(registry, before?.newcomer, ec2InstanceId);
  // An instance in quarantine does not get out of it under another name.
  const shut = [holder, newcomer].find((record) => record?.status === "QUARANTINED");
  if (shut !== undefined) throw new StepError("Quarantined", `${ec2InstanceId} is in quarantine, as ${shut.id}.`);
  const cameAt = comingAgain(before?.cameAt ?? [], now());
  const tooMany = holder !== undefined && (before?.displaced ?? []).length >= MOST_DISPLACED;
  if (cameAt === undefined || tooMany) {
    throw new StepError("TooManyIds", `${ec2InstanceId} has come under too many new IDs, within a day or all in all.`);
  }

  // An earlier newcomer that has proved itself holds the place, though whoever promoted it did not come to write that.
  const proved = newcomer !== undefined && newcomer.current.generation > 1 ? newcomer : undefined;
  const places =
    proved !== undefined
      ? { holder: proved.id, former: holder?.id, newcomer: id, displaced: undefined }
      : { holder: holder?.id ?? id, newcomer: holder && id, displaced: holder && displacedBy(before, id) };
  // The earlier newcomer's record is retired when it is due: until then a call that is slow may give it the place again.
  return registry.writeOwner(ec2InstanceId, { ...before, ...places, cameAt }, before);
}

/**
 * Those whose place as a newcomer was taken, whatever became of their records: the host may be any of them, and others a
 * thief's, who can have one retired by writing under the former's ID. None is forgotten while the place is not taken.
 */
function displacedBy(before: Owner | undefined, id: string): string[] | undefined {
  const all = new Set([...(before?.displaced ?? []), ...(before?.newcomer === undefined ? [] : [before.newcomer])]);
  all.delete(id);
  return all.size === 0 ? undefined : [...all];
}

/** A live record of a host that has no owner item: the table was restored, or the item lost. */
async function unowned(registry: Registry, ec2InstanceId: string, id: string): Promise<string | undefined> {
  const [found] = (await registry.findByEc2Instance(ec2InstanceId)).filter((record) => record.id !== id);
  return found?.id;
}
