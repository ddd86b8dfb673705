import * as z from "zod/mini";
import { ec2InstanceId, instanceId } from "../../../events/fields.ts";
import { REGISTRATION_FLAGS } from "../../../protocol/index.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "notify-sns",
  flow: "registration",
  does: "Records a registration that was refused or failed, and tells people, at most once a day for a caller.",
  input: z.strictObject({
    id: instanceId,
    ec2InstanceId,
    flag: z.enum(REGISTRATION_FLAGS),
    /** Why it was refused, or the name of the error that it failed with. */
    reason: z.string(),
    failed: z.boolean(),
    execution: z.string(),
  }),
  output: z.strictObject({ mailed: z.boolean() }),
  errors: [],
  neighbours: ["registry", "mail", "bus"],
  given: ["now", "journal"],
  uses: {
    instanceTable: ["dynamodb:UpdateItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 5,
} as const satisfies StepContract;
