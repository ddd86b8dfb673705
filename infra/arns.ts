import { ArnFormat, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { type MACHINES, NAMES } from "./wiring.ts";

export type MachineName = (typeof MACHINES)[number]["name"];

/** The alias that everything starts a machine by, so that it can be pointed back at an earlier version. */
export const LIVE = "live";

/** What marks the machines that a push may be sent to. */
export const INSTANCE_TAG = { key: "keyturn", value: "instance" } as const;

// These are made of names, since who needs them is made before what they name.

/** The ARN that IAM authorises starts against, also those through an alias. */
export function machineArn(scope: IConstruct, name: MachineName): string {
  return colonArn(scope, "states", "stateMachine", name);
}

/** The ARN to start a machine by. */
export function liveArn(scope: IConstruct, name: MachineName): string {
  return `${machineArn(scope, name)}:${LIVE}`;
}

/** ARN of every execution of a machine. */
export function executionsArn(scope: IConstruct, name: MachineName): string {
  return colonArn(scope, "states", "execution", `${name}:*`);
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
