import * as z from "zod/mini";
import { credentialRotationRequested } from "../../../events/credential-rotation-requested.ts";
import { secretVersion } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "request-rotation",
  flow: "credential",
  does: "Somebody asks by an event that a credential be turned: notes how, and asks Secrets Manager.",
  input: z.object({
    /** The event's own ID, which becomes the rotation's token: so that it is asked for once, however often the event comes. */
    id: secretVersion,
    detail: credentialRotationRequested.detail,
  }),
  output: z.strictObject({}),
  errors: [],
  neighbours: ["secrets", "credentials", "audit", "executions", "findings", "mail", "bus"],
  given: ["now", "wait", "journal", "credentialSettings"],
  uses: {
    credentialSecrets: [
      "secretsmanager:DescribeSecret",
      "secretsmanager:RotateSecret",
      "secretsmanager:UpdateSecretVersionStage",
    ],
    rotateFunction: ["lambda:InvokeFunction"],
    credentialExecutions: ["states:DescribeExecution"],
    instanceTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 30,
} as const satisfies StepContract;
