import * as z from "zod/mini";
import { instanceStateChanged } from "../../../events/aws/instance-state-changed.ts";
import { isoTime } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "follow-state",
  flow: "life",
  does: "Follows a host's life: stopped, started again, and retired when EC2 says that it is terminated.",
  input: z.object({ time: isoTime, detail: instanceStateChanged.detail }),
  output: z.strictObject({ changed: z.array(z.string()) }),
  errors: [],
  neighbours: ["registry", "hosts"],
  given: ["now", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    instanceIndexes: ["dynamodb:Query"],
    unscoped: ["ec2:DescribeInstances"],
  },
  timeoutSeconds: 15,
} as const satisfies StepContract;
