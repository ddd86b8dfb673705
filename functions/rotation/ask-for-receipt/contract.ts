import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { turningInstance } from "../instance.ts";
import { receipt } from "../receipt.ts";

export const contract = {
  name: "ask-for-receipt",
  flow: "rotation",
  does: "Asks SSM what the instance has answered, when no event has told of it in time.",
  input: z.extend(turningInstance, { execution: z.string(), rekey: z.optional(z.boolean()) }),
  output: z.object({ receipt }),
  errors: [
    ...["PushUnanswered", "PushUndelivered", "PushRefused", "PushFailed"],
    ...["Superseded", "Rekeying", "Retired", "Quarantined", "UnknownId"],
  ],
  neighbours: ["registry", "commands"],
  given: [],
  uses: { instanceTable: ["dynamodb:GetItem"], unscoped: ["ssm:ListCommandInvocations", "ssm:GetCommandInvocation"] },
  timeoutSeconds: 20,
} as const satisfies StepContract;
