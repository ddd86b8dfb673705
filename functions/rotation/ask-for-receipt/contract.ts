import * as z from "zod/mini";
import { ec2InstanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { receipt, ticket } from "../ticket.ts";

export const contract = {
  name: "ask-for-receipt",
  flow: "rotation",
  does: "Asks SSM how the push's command ended, when no event has told of it in time.",
  input: z.strictObject({ ec2InstanceId, ticket }),
  output: z.strictObject({ receipt }),
  errors: ["PushUnanswered", "PushUndelivered", "PushRefused", "PushFailed", "Superseded", "Retired", "UnknownId"],
  neighbours: ["registry", "commands"],
  given: [],
  uses: { instanceTable: ["dynamodb:GetItem"], unscoped: ["ssm:ListCommandInvocations", "ssm:GetCommandInvocation"] },
  timeoutSeconds: 20,
} as const satisfies StepContract;
