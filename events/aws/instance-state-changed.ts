import * as z from "zod/mini";
import { ec2InstanceId } from "../fields.ts";

/**
 * AWS's event that an EC2 instance has another state.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html
 */
export const instanceStateChanged = {
  source: "aws.ec2",
  detailType: "EC2 Instance State-change Notification",
  detail: z.object({
    "instance-id": ec2InstanceId,
    state: z.enum(["pending", "running", "stopping", "stopped", "shutting-down", "terminated"]),
  }),
};
