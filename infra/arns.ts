import { ArnFormat, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { Data } from "./data.ts";
import type { Arns } from "./rights/arns.ts";
import { type FlowName, LIVE, NAMES, stateMachineNameOf } from "./wiring.ts";

interface About {
  data: Data;
  topicArn: string;
  busArn: string;
  /** Asked for when a right is about one: some rights are made before the functions. */
  functionArn: (functionName: string) => string;
}

/** The ARNs in this stack. Those of flows, documents and rules are made of names: who needs them is made before them. */
export function arnsIn(scope: IConstruct, { data, topicArn, busArn, functionArn }: About): Arns {
  const { region, urlSuffix } = Stack.of(scope);
  return {
    instanceTable: data.instanceTable.tableArn,
    series: data.seriesArn,
    keyMaterialKey: data.keyMaterialKey.keyArn,
    nonceKey: data.nonceKey.keyArn,
    tableKey: data.tableKey.keyArn,
    alertTopic: topicArn,
    eventBus: busArn,
    pushDocument: slashArn(scope, "ssm", "document", NAMES.pushDocument),
    allInstances: slashArn(scope, "ec2", "instance", "*"),
    endOfExecutions: slashArn(scope, "events", "rule", "StepFunctionsGetEventsForStepFunctionsExecutionRule"),
    function: functionArn,
    flow: (name) => flowArn(scope, name),
    executions: (name) => colonArn(scope, "states", "execution", `${stateMachineNameOf(name)}:*`),
    service: (name) => `${name}.${region}.${urlSuffix}`,
  };
}

/** The ARN of a flow's state machine, that IAM authorises starts against, also those through an alias. */
export function flowArn(scope: IConstruct, flow: FlowName): string {
  return colonArn(scope, "states", "stateMachine", stateMachineNameOf(flow));
}

/** The ARN to start a flow by. */
export function liveArn(scope: IConstruct, flow: FlowName): string {
  return `${flowArn(scope, flow)}:${LIVE}`;
}

function slashArn(scope: IConstruct, service: string, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({ service, resource, resourceName });
}

function colonArn(scope: IConstruct, service: string, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
