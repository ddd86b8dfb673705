import * as z from "zod/mini";
import { ec2InstanceId, instanceId } from "../../../events/fields.ts";
import { refusalReason } from "../../../events/registration-refused.ts";
import { REGISTRATION_FLAGS } from "../../../protocol/index.ts";
import type { StepContract } from "../../shared/contract.ts";

const caller = { id: instanceId, ec2InstanceId, flag: z.enum(REGISTRATION_FLAGS), execution: z.string() };

export const contract = {
  name: "notify-sns",
  flow: "registration",
  does: "Records a registration that was refused or failed, and tells people, once for a host and a reason.",
  /** With why it was refused, or the name of the error that it failed with. */
  input: z.discriminatedUnion("failed", [
    z.object({ ...caller, failed: z.literal(false), reason: refusalReason }),
    z.object({ ...caller, failed: z.literal(true), reason: z.string() }),
  ]),
  output: z.object({}),
  errors: [],
  neighbours: ["findings", "mail", "bus"],
  given: ["now", "journal"],
  uses: {
    findingTable: ["dynamodb:GetItem", "dynamodb:PutItem"],
    alertTopic: ["sns:Publish"],
    eventBus: ["events:PutEvents"],
  },
  timeoutSeconds: 5,
} as const satisfies StepContract;
