import * as z from "zod/mini";
import { hex64, timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { validatedInstance } from "../instance.ts";
import { ticket } from "../ticket.ts";
import { TURNING } from "../verdicts.ts";

export const contract = {
  name: "derive-successor",
  flow: "rotation",
  does: "Derives the key that follows, stores it encrypted as pending, and makes out the ticket that leads to it.",
  input: z.extend(validatedInstance, { verdict: z.enum(TURNING), lastProofAt: timeMs }),
  output: z.strictObject({ ticket, receiptDigest: hex64 }),
  errors: ["Superseded", "Retired", "UnknownId", "KeyUnreadable"],
  neighbours: ["registry", "vault", "nonces"],
  given: ["nonceMode"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    keyEncryptionKey: ["kms:Decrypt", "kms:Encrypt"],
    nonceKey: ["kms:GenerateMac"],
  },
  timeoutSeconds: 10,
} as const satisfies StepContract;
