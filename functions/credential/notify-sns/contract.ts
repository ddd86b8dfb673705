import * as z from "zod/mini";
import { timeMs } from "../../../events/fields.ts";
import { asked } from "../../audit/asked.ts";
import type { StepContract } from "../../shared/contract.ts";
import { behind } from "../inputs.ts";

export const contract = {
  name: "notify-sns",
  flow: "credential",
  does: "Tells people once why a credential was not turned, or who does not move to it; the bus, of each consumer.",
  input: z.object({
    /** As the execution was given them: they may be malformed, which may be why it failed. */
    secret: z.optional(z.unknown()),
    token: z.optional(z.unknown()),
    /** The state that failed. */
    step: z.string(),
    /** A verdict, the name of an error, `ConsumersBehind` where the deadline is over, or `CONSUMER_BEHIND` for the bus alone. */
    what: z.string(),
    cause: z.string(),
    /** Who has not moved, where that is what is told. */
    behind: z.optional(z.array(behind)),
    /** Whether the version is current already, and what failed comes after that. */
    promoted: z.boolean(),
    /** Whether only a test was asked for, of whether the current credential is accepted. */
    test: z.boolean(),
    execution: z.string(),
    asked,
    /** When the state was entered that calls this. */
    enteredAt: timeMs,
  }),
  output: z.strictObject({
    outcome: z.enum(["FAILED", "SUPERSEDED", "ANNOUNCED"]),
    /** The cause as people read it, for the state in which the execution ends. */
    said: z.string(),
  }),
  errors: [],
  neighbours: ["secrets", "credentials", "audit", "registry", "findings", "mail", "bus"],
  given: ["now", "journal", "credentialSettings"],
  uses: {
    credentialSecrets: ["secretsmanager:DescribeSecret"],
    instanceTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"],
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 30,
} as const satisfies StepContract;
