import { type InstanceRecord, isRetired } from "../record/record.ts";
import { StepError } from "../shared/errors.ts";
import type { Registry } from "./registry.ts";

/**
 * Reads a record whose key may be turned, and might when the execution began.
 *
 * @throws StepError UnknownId when it is gone altogether (a restored table), Retired when only its tombstone is left,
 *   Quarantined when somebody has decided that it is not to be turned
 */
export async function findLive(registry: Registry, id: string): Promise<InstanceRecord> {
  const record = await registry.find(id);
  if (record === undefined) throw new StepError("UnknownId", `The record of ${id} has gone while its key was turned.`);
  if (isRetired(record)) throw new StepError("Retired", `${id} was retired while its key was turned.`);
  if (record.status === "QUARANTINED") throw new StepError("Quarantined", `${id} was put in quarantine meanwhile.`);
  return record;
}

/**
 * Reads a record that an EC2 instance's owner item names.
 *
 * @returns undefined where there is none, only its tombstone is left, or the ID is another host's
 */
export async function findNamed(
  registry: Registry,
  id: string | undefined,
  ec2InstanceId: string,
): Promise<InstanceRecord | undefined> {
  const record = id === undefined ? undefined : await registry.find(id);
  return record === undefined || isRetired(record) || record.ec2InstanceId !== ec2InstanceId ? undefined : record;
}
