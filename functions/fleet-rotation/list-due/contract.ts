import * as z from "zod/mini";
import { instanceId, timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { pageMark } from "../../shared/page-mark.ts";

export const contract = {
  name: "list-due",
  flow: "fleet-rotation",
  does: "Lists a page of the instances whose keys are due to be turned.",
  input: z.object({
    /** The moment of the run; the first page fixes it for the others. */
    at: z.optional(timeMs),
    /** Where the page before ended. */
    after: z.optional(pageMark),
  }),
  output: z.object({
    at: timeMs,
    due: z.array(z.object({ id: instanceId, name: z.string() })),
    next: z.optional(z.string()),
  }),
  errors: [],
  neighbours: ["registry"],
  given: ["now", "rotateEveryMs"],
  uses: { instanceIndexes: ["dynamodb:Query"] },
  timeoutSeconds: 20,
} as const satisfies StepContract;
