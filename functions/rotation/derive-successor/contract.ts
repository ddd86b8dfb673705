import * as z from "zod/mini";
import { generation, hex64, timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { validatedInstance } from "../instance.ts";
import { TURNING } from "../verdicts.ts";

export const contract = {
  name: "derive-successor",
  flow: "rotation",
  does: "Derives the key that follows and stores it encrypted as pending, with the ticket that leads to it.",
  input: z.extend(validatedInstance, { verdict: z.enum(TURNING), lastProofAt: timeMs }),
  /** The generation to reach, and what its receipt is checked by. What the ticket holds stands in no history. */
  output: z.object({ generation, receiptDigest: hex64 }),
  errors: ["Superseded", "Rekeying", "Retired", "Quarantined", "UnknownId", "KeyUnreadable", "NonceModeChanged"],
  neighbours: ["registry", "vault", "nonces"],
  given: ["nonceMode"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    keyEncryptionKey: ["kms:Decrypt", "kms:Encrypt"],
    nonceKey: ["kms:GenerateMac"],
  },
  timeoutSeconds: 10,
} as const satisfies StepContract;
