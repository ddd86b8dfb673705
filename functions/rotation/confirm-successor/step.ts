import { sameSecret } from "../../../protocol/index.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { digestOf } from "../../shared/digest.ts";
import { StepError } from "../../shared/errors.ts";
import type { contract } from "./contract.ts";

/** Confirms a receipt. That the command exited with success is no proof; only who holds the new key can make this. */
export async function confirmSuccessor({
  id,
  generation,
  receiptDigest,
  receipt,
}: InputOf<typeof contract>): Promise<OutputOf<typeof contract>> {
  const isForIt = receipt.id === id && receipt.generation === generation;
  if (!isForIt || !sameSecret(digestOf(receipt.proof), receiptDigest)) {
    throw new StepError("ReceiptInvalid", `What ${id} answered does not prove its key of generation ${generation}.`);
  }
  return { hooksFailed: receipt.hooks.filter((hook) => hook.outcome !== "done").map((hook) => hook.name) };
}
