import { isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** Looks the instance up and fixes the generation that this execution turns. */
export async function validateId(
  { id }: InputOf<typeof contract>,
  { registry }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const record = await registry.find(id);
  if (record === undefined) {
    throw new StepError("UnknownId", `No instance is registered under ${id}. Look at the ID the execution was given.`);
  }
  if (isRetired(record)) throw new StepError("Retired", `${id} is retired: its host is gone.`);
  if (record.status === "QUARANTINED") throw new StepError("Quarantined", `${id} is in quarantine; it is not turned.`);
  if (record.status === "NEW")
    throw new StepError("Newcomer", `${id} is new: a former record may have to fall silent.`);
  const { ec2InstanceId, status, current, rekey } = record;
  const validated = { id, ec2InstanceId, generation: current.generation };
  if (rekey === undefined) return validated;
  // What is switched off proves nothing either; but of a rekey nobody reads samples, which would say so.
  if (status === "STOPPED")
    throw new StepError("Waiting", `The host of ${id} is switched off; its rekey waits for it.`);
  return { ...validated, rekey: rekey.generation };
}
