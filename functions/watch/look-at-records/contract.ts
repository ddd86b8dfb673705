import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { pageMark } from "../../shared/page-mark.ts";

export const contract = {
  name: "look-at-records",
  flow: "watch",
  does: "Looks at a page of the instances: who has fallen silent, whose proofs do not fit, who is to be turned again.",
  input: z.object({
    /** Where the page before ended. */
    after: z.optional(pageMark),
    execution: z.string(),
  }),
  output: z.object({
    looked: z.int(),
    /** Of these: silent, and judged by their proofs. */
    silent: z.int(),
    judged: z.int(),
    next: z.optional(z.string()),
  }),
  errors: [],
  neighbours: ["registry", "timeSeries", "vault", "hosts", "executions", "audit", "findings", "mail", "bus"],
  given: ["now", "intervalMs", "skewMs", "rotateEveryMs", "looksEveryMs", "proofsEveryMs", "journal"],
  uses: {
    instanceTable: ["dynamodb:Scan", "dynamodb:GetItem", "dynamodb:UpdateItem"],
    timeSeries: ["timestream:Select", "dynamodb:Query"],
    keyEncryptionKey: ["kms:Decrypt"],
    rotationFlow: ["states:StartExecution"],
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
    unscoped: ["ec2:DescribeInstances", "timestream:DescribeEndpoints"],
  },
  timeoutSeconds: 120,
} as const satisfies StepContract;
