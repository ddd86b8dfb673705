import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "summarize",
  flow: "fleet-rotation",
  does: "Ends a run over the fleet: an event with its counts, and one mail that gathers what went wrong.",
  input: z.strictObject({
    due: z.int(),
    turned: z.int(),
    skipped: z.int(),
    failed: z.int(),
    /** Why the run was stopped before its end; empty if it was not. */
    problem: z.string(),
    execution: z.string(),
  }),
  output: z.strictObject({ due: z.int(), turned: z.int(), skipped: z.int(), failed: z.int(), stopped: z.boolean() }),
  errors: [],
  neighbours: ["registry", "mail", "bus"],
  given: ["now", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    instanceIndexes: ["dynamodb:Query"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 60,
} as const satisfies StepContract;
