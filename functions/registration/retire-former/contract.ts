import * as z from "zod/mini";
import { ec2InstanceId, instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "retire-former",
  flow: "registration",
  does: "Retires the record that the EC2 instance had before, since it has one live record, and tells people.",
  input: z.strictObject({ id: instanceId, former: instanceId, ec2InstanceId, execution: z.string() }),
  output: z.strictObject({ retired: z.boolean() }),
  errors: [],
  neighbours: ["registry", "mail"],
  given: ["now"],
  uses: { instanceTable: ["dynamodb:PutItem"], alertTopic: ["sns:Publish"] },
  timeoutSeconds: 5,
} as const satisfies StepContract;
