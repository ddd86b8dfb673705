import { receiptProof, successor, ticketProof } from "../../../protocol/index.ts";
import { findLive } from "../../clients/find-live.ts";
import type { PendingKey } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { digestOf } from "../../shared/digest.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/**
 * Derives the successor of the key that was verified. It is stored as pending before anybody hears of it, so that from
 * here on no crash can leave the instance with a key that the record does not know. Nonces are computed, not drawn, and
 * a pending key that is there already is used again: a generation has one successor, however often this runs.
 */
export async function deriveSuccessor(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const { id, generation } = input;
  const { current, pending: known } = await currentOf(input, neighbours);
  const pending = known ?? (await derive(current.ciphertext, input, neighbours));
  if (pending === undefined) {
    throw new StepError("Superseded", `${id} was turned by another execution.`);
  }
  // One that the instance proves already it has turned to: only its receipt is missing.
  const isHeld = input.verdict === "MATCH_PENDING";
  if (pending.nonce === "" && neighbours.nonceMode !== "none" && !isHeld) {
    throw new StepError(
      "NonceModeChanged",
      `A key of ${id} that was derived without a nonce, as \`nonce\` was set then, is still on its way.`,
    );
  }
  return { generation: generation + 1, receiptDigest: pending.receiptDigest };
}

/** The record, if it is still at the generation that was verified. */
async function currentOf({ id, generation }: Input, { registry }: Neighbours) {
  const record = await findLive(registry, id);
  if (record.rekey !== undefined) throw new StepError("Rekeying", `A rekey of ${id} stands: that is pushed instead.`);
  if (record.current.generation === generation) return record;
  throw new StepError("Superseded", `${id} is at generation ${record.current.generation} already.`);
}

/** Stores the successor as pending; where another execution was faster, gives what that one stored. */
async function derive(ciphertext: string, input: Input, neighbours: Neighbours): Promise<PendingKey | undefined> {
  const { id, ec2InstanceId, generation, verdict, lastProofAt } = input;
  const { registry, vault, nonces, nonceMode } = neighbours;
  const next = { id, ec2InstanceId, generation: generation + 1 };
  const key = await vault.unseal(ciphertext, { id, ec2InstanceId, generation });
  const nonce = nonceMode === "none" ? "" : await nonces.compute(next);
  const nextKey = successor(key, nonce);
  const pending: PendingKey = {
    generation: next.generation,
    nonce,
    ciphertext: await vault.seal(nextKey, next),
    ticketProof: ticketProof({ ...next, key, nonce }),
    receiptDigest: digestOf(receiptProof({ ...next, key: nextKey, nonce })),
    pushes: {},
  };
  if (await registry.setPending(id, { pending, verdict, lastProofAt })) return pending;
  return (await currentOf(input, neighbours)).pending;
}
