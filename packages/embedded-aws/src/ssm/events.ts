import type { EventSink } from "../parts.ts";
import { arnOf } from "../place.ts";
import type { Command, CommandInvocation } from "./command-store.ts";
import { coarse } from "./status.ts";

/** Tells EventBridge how a command stands on one instance. */
export function raiseInvocationChange(events: EventSink, command: Command, invocation: CommandInvocation): void {
  events.raise({
    source: "aws.ssm",
    "detail-type": "EC2 Command Invocation Status-change Notification",
    resources: [arnOf("ec2", `instance/${invocation.instanceId}`)],
    detail: {
      "command-id": command.id,
      "document-name": command.documentName,
      "instance-id": invocation.instanceId,
      "requested-date-time": new Date(command.requested).toISOString(),
      status: coarse(invocation.status),
    },
  });
}

/** Tells EventBridge how a command stands as a whole. */
export function raiseCommandChange(events: EventSink, command: Command): void {
  events.raise({
    source: "aws.ssm",
    "detail-type": "EC2 Command Status-change Notification",
    resources: command.instanceIds.map((id) => arnOf("ec2", `instance/${id}`)),
    detail: {
      "command-id": command.id,
      "document-name": command.documentName,
      "expire-after": new Date(command.expires).toISOString(),
      parameters: {},
      "requested-date-time": new Date(command.requested).toISOString(),
      status: coarse(command.status),
    },
  });
}
