import * as z from "zod/mini";

/**
 * AWS's event that an execution of Step Functions has another status. Best effort.
 * https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export const executionEnded = {
  source: "aws.states",
  detailType: "Step Functions Execution Status Change",
  detail: z.object({
    executionArn: z.string(),
    name: z.string(),
    status: z.string(),
    /** JSON text; null where it is too long for an event. */
    input: z.nullish(z.string()),
    error: z.nullish(z.string()),
    cause: z.nullish(z.string()),
  }),
};
