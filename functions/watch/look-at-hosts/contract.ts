import * as z from "zod/mini";
import { timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "look-at-hosts",
  flow: "watch",
  does: "Looks at a page of the hosts with Keyturn's tag: who runs and has no record.",
  input: z.object({
    at: timeMs,
    /** Where the page before ended, in EC2's words. */
    after: z.optional(z.string()),
    execution: z.string(),
  }),
  output: z.object({ looked: z.int(), without: z.int(), next: z.optional(z.string()) }),
  errors: [],
  neighbours: ["registry", "hosts", "findings", "mail", "bus"],
  given: ["now", "intervalMs", "looksEveryMs", "proofsEveryMs"],
  uses: {
    instanceTable: ["dynamodb:GetItem"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
    unscoped: ["ec2:DescribeInstances"],
  },
  timeoutSeconds: 60,
} as const satisfies StepContract;
