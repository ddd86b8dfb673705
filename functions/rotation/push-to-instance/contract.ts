import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { turningInstance } from "../instance.ts";

export const contract = {
  name: "push-to-instance",
  flow: "rotation",
  does: "Lays the ticket down and has the instance fetch it, by SSM Run Command; end-push ends the task when it has answered.",
  input: z.extend(turningInstance, {
    execution: z.string(),
    /** Whether it is to reach the generation of a rekey. */
    rekey: z.optional(z.boolean()),
    taskToken: z.string().check(z.minLength(1), z.maxLength(2048)),
  }),
  output: z.object({ commandId: z.string() }),
  errors: ["InstanceUnreachable", "Superseded", "Rekeying", "Retired", "Quarantined", "UnknownId"],
  neighbours: ["registry", "tickets", "commands"],
  given: ["now", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    ticketTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    pushDocument: ["ssm:SendCommand"],
    hosts: ["ssm:SendCommand"],
  },
  timeoutSeconds: 15,
} as const satisfies StepContract;
