import { findLive } from "../../clients/find-live.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { confirmSuccessor } from "../confirm-successor/step.ts";
import { overtaken } from "../overtaken.ts";
import type { contract } from "./contract.ts";

/**
 * Confirms the receipt of a rekey. Its key was agreed after the push, so that what the receipt has to come to is known by the
 * record alone; and by nobody while no key was agreed.
 */
export async function confirmRekey(
  { id, generation, receipt }: InputOf<typeof contract>,
  { registry }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const record = await findLive(registry, id);
  const { rekey } = record;
  if (rekey?.generation !== generation) throw overtaken(record, generation);
  if (rekey.agreed === undefined) {
    throw new StepError("ReceiptInvalid", `${id} answered for generation ${generation}, of which no key was agreed.`);
  }
  const { receiptDigest } = rekey.agreed;
  return { ...(await confirmSuccessor({ id, generation, receipt, receiptDigest })), receiptDigest };
}
