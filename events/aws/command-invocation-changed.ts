import * as z from "zod/mini";
import { ec2InstanceId } from "../fields.ts";

/**
 * AWS's event that a Run Command invocation has another status. Best effort: it may come late, twice or never.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-eventbridge-events.html
 */
export const commandInvocationChanged = {
  source: "aws.ssm",
  detailType: "EC2 Command Invocation Status-change Notification",
  detail: z.object({
    "command-id": z.string(),
    "document-name": z.string(),
    "instance-id": ec2InstanceId,
    "requested-date-time": z.string(),
    status: z.string(),
  }),
};
