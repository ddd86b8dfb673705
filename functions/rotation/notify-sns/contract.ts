import * as z from "zod/mini";
import { generation, timeMs } from "../../../events/fields.ts";
import { asked } from "../../audit/asked.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "notify-sns",
  flow: "rotation",
  does: "Tells people by mail, once, why a key was not turned; unless it has been turned after all.",
  input: z.object({
    /** As the execution was given it: it may be malformed, which may be why it failed. */
    id: z.optional(z.unknown()),
    /** The generation that was validated, if it came so far. */
    generation: z.optional(generation),
    /** Whether it was a rekey that was to be pushed. */
    rekey: z.optional(z.boolean()),
    /** The state that failed. */
    step: z.string(),
    /** A verdict, or the name of an error. */
    what: z.string(),
    cause: z.string(),
    /** The newest sample that proved a key, if the verification found one. */
    lastProofAt: z.optional(timeMs),
    execution: z.string(),
    asked,
    /** When the state was entered that calls this. */
    enteredAt: z.optional(timeMs),
  }),
  output: z.object({
    outcome: z.enum(["FAILED", "ROTATED", "SUPERSEDED", "REKEYING", "RETIRED", "QUARANTINED"]),
    /** The cause as people read it, for the state in which the execution ends. */
    said: z.string(),
  }),
  errors: [],
  neighbours: ["registry", "findings", "mail", "bus"],
  given: ["now", "rotateEveryMs", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 15,
} as const satisfies StepContract;
