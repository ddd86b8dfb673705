import * as z from "zod/mini";
import { hex64, timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "notify-sns",
  flow: "watch",
  does: "Ends findings that are over, tells what nobody has told yet, and gathers once a day what stands.",
  input: z.object({
    at: timeMs,
    /** Whether the look came to its end. */
    complete: z.boolean(),
    execution: z.string(),
    /** The last seal over the audit, where the look came so far. */
    seal: z.optional(z.object({ day: z.string(), digest: hex64 })),
  }),
  output: z.object({ standing: z.int(), ended: z.int(), told: z.int(), gathered: z.boolean() }),
  errors: [],
  neighbours: ["registry", "credentials", "executions", "findings", "mail", "bus"],
  given: ["now", "looksEveryMs", "proofsEveryMs", "silentAfterMs", "journal", "credentialSettings"],
  uses: {
    instanceTable: ["dynamodb:GetItem"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    findingIndexes: ["dynamodb:Query"],
    fleetRotationFlow: ["states:ListExecutions"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 60,
} as const satisfies StepContract;
