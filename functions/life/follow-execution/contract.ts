import * as z from "zod/mini";
import { executionEnded } from "../../../events/aws/execution-ended.ts";
import { isoTime } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "follow-execution",
  flow: "life",
  does: "Tells people of an execution that ended before it could tell anybody, and notes that a key was not turned.",
  input: z.object({ time: isoTime, detail: executionEnded.detail }),
  output: z.strictObject({}),
  errors: [],
  neighbours: ["registry", "findings", "mail", "bus"],
  given: ["now", "rotateEveryMs", "journal"],
  uses: {
    instanceTable: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 15,
} as const satisfies StepContract;
