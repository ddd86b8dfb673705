import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { validatedInstance } from "../instance.ts";
import { samples } from "../samples.ts";

export const contract = {
  name: "read-time-series",
  flow: "rotation",
  does: "Reads what the instance wrote to the time series in the last ten intervals.",
  input: validatedInstance,
  output: z.object({ samples }),
  errors: [],
  neighbours: ["timeSeries"],
  given: ["now", "intervalMs", "skewMs"],
  uses: { timeSeries: ["timestream:Select", "dynamodb:Query"], unscoped: ["timestream:DescribeEndpoints"] },
  timeoutSeconds: 20,
} as const satisfies StepContract;
