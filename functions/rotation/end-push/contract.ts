import * as z from "zod/mini";
import { commandInvocationChanged } from "../../../events/aws/command-invocation-changed.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "end-push",
  flow: "rotation",
  does: "Ends the push that waits, when the event comes that a command is over and the instance has answered.",
  input: z.object({ detail: commandInvocationChanged.detail }),
  output: z.object({ ended: z.boolean() }),
  errors: ["CommandUnknown", "PushUndelivered", "PushRefused", "PushFailed"],
  neighbours: ["registry", "commands", "executions"],
  given: ["now", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem"],
    instanceIndexes: ["dynamodb:Query"],
    unscoped: ["ssm:GetCommandInvocation", "ssm:ListCommandInvocations"],
    rotationFlow: ["states:SendTaskSuccess", "states:SendTaskFailure"],
  },
  timeoutSeconds: 15,
} as const satisfies StepContract;
