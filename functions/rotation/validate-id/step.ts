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
  if (record.rekey !== undefined) {
    throw new StepError("Rekeying", `A rekey of ${id} stands: that is pushed, whatever its samples say.`);
  }
  return { id, ec2InstanceId: record.ec2InstanceId, generation: record.current.generation };
}
