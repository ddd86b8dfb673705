import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "summarize",
  flow: "fleet-rotation",
  does: "Ends a run over the fleet: an event with its counts; people are told if it was stopped.",
  input: z.object({
    due: z.int(),
    turned: z.int(),
    skipped: z.int(),
    failed: z.int(),
    /** Why the run was stopped before its end; empty if it was not. */
    problem: z.string(),
    execution: z.string(),
    /** Whether only those were turned whom somebody named: how that goes says nothing of the runs over the fleet. */
    named: z.optional(z.boolean()),
  }),
  output: z.object({ due: z.int(), turned: z.int(), skipped: z.int(), failed: z.int(), stopped: z.boolean() }),
  errors: [],
  neighbours: ["findings", "mail", "bus"],
  given: ["now", "journal"],
  uses: {
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 60,
} as const satisfies StepContract;
