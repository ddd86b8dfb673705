import * as z from "zod/mini";
import { timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { validatedInstance } from "../instance.ts";

export const contract = {
  name: "follow-host",
  flow: "rotation",
  does: "Asks EC2 about a silent instance's host, and follows what it says where an event was lost.",
  input: z.extend(validatedInstance, {
    /** The newest sample that proved a key, if the verification found one. */
    lastProofAt: z.optional(timeMs),
  }),
  output: z.object({
    /** Whether it is still a silence that people have to be told of. */
    outcome: z.enum(["STALE", "WAITING", "RETIRED"]),
  }),
  errors: [],
  neighbours: ["registry", "hosts"],
  given: ["now", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    unscoped: ["ec2:DescribeInstances"],
  },
  timeoutSeconds: 10,
} as const satisfies StepContract;
