import * as z from "zod/mini";
import { ec2InstanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { ticket } from "../ticket.ts";

export const contract = {
  name: "push-to-instance",
  flow: "rotation",
  does: "Lays the ticket down and sends it to the instance by SSM Run Command; end-push ends the task when the command is over.",
  input: z.strictObject({ ec2InstanceId, ticket, taskToken: z.string().check(z.minLength(1), z.maxLength(2048)) }),
  output: z.strictObject({ commandId: z.string() }),
  errors: ["InstanceUnreachable", "PushReplaced", "Superseded", "Retired", "UnknownId"],
  neighbours: ["registry", "tickets", "commands", "executions"],
  given: ["now", "random", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    ticketTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    pushDocument: ["ssm:SendCommand"],
    hosts: ["ssm:SendCommand"],
    rotationFlow: ["states:SendTaskFailure"],
  },
  timeoutSeconds: 15,
} as const satisfies StepContract;
