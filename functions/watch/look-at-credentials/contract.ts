import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { seenCredential } from "../seen-credential.ts";

export const contract = {
  name: "look-at-credentials",
  flow: "watch",
  does: "Judges what was read of the credentials: tells people, goes on with what was left behind, asks for what failed.",
  input: z.object({ credentials: z.array(seenCredential), execution: z.string() }),
  output: z.object({
    looked: z.int(),
    /** Of these: which their authority refuses, and of which an execution was started or a rotation was asked for. */
    refused: z.int(),
    begun: z.int(),
  }),
  errors: [],
  neighbours: ["secrets", "credentials", "audit", "executions", "findings", "mail", "bus"],
  given: ["now", "looksEveryMs", "journal", "credentialSettings"],
  uses: {
    credentialSecrets: [
      "secretsmanager:DescribeSecret",
      "secretsmanager:GetResourcePolicy",
      "secretsmanager:RotateSecret",
    ],
    rotateFunction: ["lambda:InvokeFunction"],
    credentialFlow: ["states:StartExecution"],
    credentialExecutions: ["states:DescribeExecution"],
    instanceTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 60,
} as const satisfies StepContract;
