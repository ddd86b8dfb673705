import { receiptProof, successor, ticketProof } from "../../../protocol/index.ts";
import { findLive } from "../../clients/find-live.ts";
import type { Registry } from "../../clients/registry.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { digestOfProof } from "../ticket.ts";
import type { contract } from "./contract.ts";

/**
 * Derives the successor of the key that was verified. It is stored as pending before anybody hears of it, so that from
 * here on no crash can leave the instance with a key that the record does not know. Nonces are computed, not drawn, and
 * a pending key that is there already is used again: a generation has one successor, however often this runs.
 */
export async function deriveSuccessor(
  { id, ec2InstanceId, generation, verdict, lastProofAt }: InputOf<typeof contract>,
  { registry, vault, nonces, nonceMode }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const record = await findLive(registry, id);
  if (record.current.generation !== generation) {
    throw new StepError("Superseded", `${id} is at generation ${record.current.generation} already.`);
  }
  const name = { id, ec2InstanceId, generation: generation + 1 };
  const key = await vault.unseal(record.current.ciphertext, { id, ec2InstanceId, generation });

  let nonce = record.pending?.nonce;
  if (nonce === undefined) {
    nonce = nonceMode === "none" ? "" : await nonces.compute(name);
    const ciphertext = await vault.seal(successor(key, nonce), name);
    const pending = { generation: name.generation, nonce, ciphertext };
    if (!(await registry.setPending(id, { pending, verdict, lastProofAt }))) {
      nonce = await nonceOfTheOther(registry, id, generation);
    }
  }
  return {
    ticket: { id, generation: name.generation, nonce, proof: ticketProof({ ...name, key, nonce }) },
    receiptDigest: digestOfProof(receiptProof({ ...name, key: successor(key, nonce), nonce })),
  };
}

/** The record changed since it was read: another execution derived the same successor, or is done already. */
async function nonceOfTheOther(registry: Registry, id: string, generation: number): Promise<string> {
  const record = await findLive(registry, id);
  if (record.current.generation !== generation || record.pending === undefined) {
    throw new StepError("Superseded", `${id} was turned by another execution.`);
  }
  return record.pending.nonce;
}
