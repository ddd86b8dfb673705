import * as z from "zod/mini";
import { accessKeyId, timeMs } from "../../../events/fields.ts";
import { asked } from "../../audit/asked.ts";
import type { StepContract } from "../../shared/contract.ts";
import { shutKey, use } from "../forms.ts";

export const contract = {
  name: "notify-sns",
  flow: "exposed-key",
  does: "Tells people what was done with an exposed key, by us and by whoever had it; of an event, why nothing was done.",
  input: z.object({
    /** The key that is told of, with all that is known of it; none where it is the event itself. */
    key: z.optional(shutKey),
    /** What was done with it; none where nothing could be looked up. */
    use: z.optional(use),
    /** What the last look at it said, where it could be had. */
    gone: z.optional(
      z.object({
        is: z.enum(["INACTIVE", "GONE"]),
        otherKeys: z.array(accessKeyId),
        quarantine: z.optional(z.array(z.string())),
      }),
    ),
    /** Whether this is the second look, which tells only what is new. */
    again: z.boolean(),
    /** What kind of event it was, and what in it names no key; none where it could not be read. */
    event: z.object({
      code: z.optional(z.string()),
      isKnown: z.optional(z.boolean()),
      unfit: z.optional(z.array(z.string())),
      unfitCount: z.optional(z.int()),
      beyond: z.optional(z.int()),
      keys: z.optional(z.int()),
      /** Why it could not be read. */
      cause: z.optional(z.string()),
    }),
    /** The execution's ARN. */
    execution: z.string(),
    asked,
    /** When the state was entered that calls this. */
    enteredAt: timeMs,
  }),
  output: z.strictObject({
    /** Whether people were told of something: not of a second look that found nothing new, nor of an event that was read whole. */
    told: z.boolean(),
    /** By which cause it is told, or stands. */
    cause: z.optional(z.string()),
  }),
  errors: [],
  neighbours: ["audit", "findings", "mail", "bus"],
  given: ["now", "journal"],
  uses: {
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 30,
} as const satisfies StepContract;
