import * as z from "zod/mini";
import { executionEnded } from "../../../events/aws/execution-ended.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "follow-execution",
  flow: "life",
  does: "Tells people of an execution that ended before it could tell anybody.",
  input: z.object({ detail: executionEnded.detail }),
  output: z.strictObject({}),
  errors: [],
  neighbours: ["findings", "mail", "bus"],
  given: ["now", "journal"],
  uses: {
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 15,
} as const satisfies StepContract;
