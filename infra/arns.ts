import { ArnFormat, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { type FlowName, NAMES, stateMachineNameOf } from "./wiring.ts";

/** The alias that everything starts a flow by, so that it can be pointed back at an earlier version. */
export const LIVE = "live";

/** What marks the hosts that a push may be sent to. */
export const INSTANCE_TAG = { key: "keyturn", value: "instance" } as const;

// These are made of names, since who needs them is made before what they name.

/** The ARN of a flow's state machine, that IAM authorises starts against, also those through an alias. */
export function flowArn(scope: IConstruct, flow: FlowName): string {
  return colonArn(scope, "states", "stateMachine", stateMachineNameOf(flow));
}

/** The ARN to start a flow by. */
export function liveArn(scope: IConstruct, flow: FlowName): string {
  return `${flowArn(scope, flow)}:${LIVE}`;
}

/** ARN of every execution of a flow. */
export function executionsArn(scope: IConstruct, flow: FlowName): string {
  return colonArn(scope, "states", "execution", `${stateMachineNameOf(flow)}:*`);
}

export function pushDocumentArn(scope: IConstruct): string {
  return Stack.of(scope).formatArn({ service: "ssm", resource: "document", resourceName: NAMES.pushDocument });
}

/** ARN of every EC2 instance of the account in the Region. */
export function allInstancesArn(scope: IConstruct): string {
  return Stack.of(scope).formatArn({ service: "ec2", resource: "instance", resourceName: "*" });
}

function colonArn(scope: IConstruct, service: string, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
