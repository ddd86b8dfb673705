import * as z from "zod/mini";
import { generation, hex64 } from "../../../events/fields.ts";
import { asked } from "../../audit/asked.ts";
import type { StepContract } from "../../shared/contract.ts";
import { turningInstance } from "../instance.ts";
import { TURNING } from "../verdicts.ts";

export const contract = {
  name: "promote-successor",
  flow: "rotation",
  does: "Makes the confirmed key the current one, and tells that the key was rotated.",
  input: z.extend(turningInstance, {
    receiptDigest: hex64,
    /** `REKEY` where it was agreed by a rekey, whatever the samples said. */
    verdict: z.enum([...TURNING, "REKEY"]),
    /** Whether it takes the place of a former record. */
    newcomer: z.optional(z.boolean()),
    execution: z.string(),
    asked,
  }),
  output: z.object({ generation }),
  errors: ["Superseded", "Rekeying", "Retired", "Quarantined", "UnknownId"],
  neighbours: ["registry", "audit", "executions", "findings", "mail", "bus"],
  given: ["now", "rotateEveryMs", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    rotationFlow: ["states:SendTaskFailure"],
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 10,
} as const satisfies StepContract;
