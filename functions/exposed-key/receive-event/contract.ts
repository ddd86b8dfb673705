import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "receive-event",
  flow: "exposed-key",
  does: "Starts one execution for an event that says that keys are exposed, however often and by whichever way it comes.",
  /** The whole event, whatever it is: the execution looks at it, and tells people of what it cannot read. */
  input: z.looseObject({
    id: z.optional(z.unknown()),
    source: z.optional(z.unknown()),
    detail: z.optional(z.unknown()),
  }),
  output: z.strictObject({
    /** The execution's name, which follows from the event. */
    name: z.string(),
  }),
  errors: [],
  neighbours: ["executions"],
  given: ["journal"],
  uses: { exposedKeyFlow: ["states:StartExecution"] },
  timeoutSeconds: 30,
} as const satisfies StepContract;
