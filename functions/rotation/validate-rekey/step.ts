import { findLive } from "../../clients/find-live.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** Fixes the generation of the rekey that stands: that is pushed, whatever the samples say of the key that is held. */
export async function validateRekey(
  { id }: InputOf<typeof contract>,
  { registry }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { ec2InstanceId, status, current, rekey } = await findLive(registry, id);
  if (rekey === undefined) throw new StepError("Superseded", `Another execution has seen to the rekey of ${id}.`);
  // What is switched off proves nothing either; but of a rekey nobody reads samples, which would say so.
  if (status === "STOPPED")
    throw new StepError("Waiting", `The host of ${id} is switched off; its rekey waits for it.`);
  return { id, ec2InstanceId, generation: current.generation, rekey: rekey.generation };
}
