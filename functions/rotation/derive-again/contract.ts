import * as z from "zod/mini";
import { generation } from "../../../events/fields.ts";
import { asked } from "../../audit/asked.ts";
import type { StepContract } from "../../shared/contract.ts";
import { validatedInstance } from "../instance.ts";
import { samples } from "../samples.ts";

export const contract = {
  name: "derive-again",
  flow: "rotation",
  does: "Brings a record forward that is behind its instance, by deriving the same successors again, where the samples prove them; and tells people.",
  input: z.extend(validatedInstance, {
    samples,
    /** The generation that the samples claim. */
    claimed: generation,
    execution: z.string(),
    asked,
  }),
  /** The generation that the record has now. */
  output: z.object({ generation }),
  errors: ["RecordBehind", "Rekeying", "Retired", "Quarantined", "UnknownId", "KeyUnreadable"],
  neighbours: ["registry", "vault", "nonces", "audit", "findings", "mail", "bus"],
  given: ["now", "nonceMode", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    keyEncryptionKey: ["kms:Decrypt", "kms:Encrypt"],
    nonceKey: ["kms:GenerateMac"],
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 30,
} as const satisfies StepContract;
