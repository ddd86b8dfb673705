import * as z from "zod/mini";
import { accessKeyId, timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { mark, orders, use } from "../forms.ts";

export const contract = {
  name: "look-up-use",
  flow: "exposed-key",
  does: "Looks up in CloudTrail what was done with a key, Region by Region, as many pages as there are.",
  input: z.object({
    accessKeyId,
    regions: orders.regions,
    from: timeMs,
    /** Until when; now where it is left out. */
    to: z.optional(timeMs),
    /** How many keys are looked up in this execution, which share its time; as many as there may be where it is left out. */
    keys: z.optional(z.int()),
    /** What was found so far, and where it goes on, where a call before this one came so far. */
    use: z.optional(use),
    next: z.optional(mark),
  }),
  output: z.strictObject({
    use,
    /** Until when it is looked: the same for all pages. */
    to: timeMs,
    /** There is more; none when all is read that can be. */
    next: z.optional(mark),
  }),
  errors: [],
  neighbours: ["trail"],
  given: ["now", "wait", "random"],
  uses: { unscoped: ["cloudtrail:LookupEvents"] },
  timeoutSeconds: 120,
} as const satisfies StepContract;
