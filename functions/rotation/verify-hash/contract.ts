import * as z from "zod/mini";
import { generation, timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { validatedInstance } from "../instance.ts";
import { samples } from "../samples.ts";
import { VERDICTS } from "../verdicts.ts";

export const contract = {
  name: "verify-hash",
  flow: "rotation",
  does: "Verifies that what the instance wrote proves the key that it should hold, and gives the verdict.",
  input: z.extend(validatedInstance, { samples }),
  output: z.object({
    verdict: z.enum(VERDICTS),
    /** The newest sample that proves a key. */
    lastProofAt: z.optional(timeMs),
    /** Of a mismatch: the highest generation above the record's that samples claim, if any does. */
    claimed: z.optional(generation),
  }),
  errors: ["Retired", "Quarantined", "UnknownId", "KeyUnreadable"],
  neighbours: ["registry", "vault"],
  given: ["now", "intervalMs", "skewMs", "journal"],
  uses: { instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"], keyEncryptionKey: ["kms:Decrypt"] },
  timeoutSeconds: 10,
} as const satisfies StepContract;
