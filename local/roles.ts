import { ACCOUNT, arnOf, functionArn, PARTITION, REGION } from "embedded-aws";
import { functionNameOf, STEPS } from "../functions/steps.ts";
import type { Arns } from "../infra/rights/arns.ts";
import { flowRights, startRights } from "../infra/rights/flows.ts";
import { instanceRights } from "../infra/rights/instances.ts";
import type { Statement } from "../infra/rights/statement.ts";
import { stepRights } from "../infra/rights/steps.ts";
import { FLOWS, type FlowName, LIVE, NAMES, rules, stateMachineNameOf } from "../infra/wiring.ts";
import type { SeriesStore } from "../protocol/index.ts";

// Who may do what here: the same rights as on AWS, made by infra/rights, of the ARNs that things have here.

/** The role of the fleet's instances. Its rights are among `rolesHere`. */
export const FLEET_ROLE = { name: NAMES.fleetRole, id: "AROAKEYTURNINSTANCE01", statements: [] } as const;

/** What the parts of Keyturn are called here as roles; on AWS, CloudFormation makes up names. */
export const ROLES = {
  step: functionNameOf,
  flow: stateMachineNameOf,
  rule: (ruleName: string) => ruleName,
};

/** A role's ARN here. */
export function roleArn(name: string): string {
  return `arn:${PARTITION}:iam::${ACCOUNT}:role/${name}`;
}

/** The ARN of a flow's state machine here. */
export function flowArn(flow: FlowName): string {
  return arnOf("states", `stateMachine:${stateMachineNameOf(flow)}`);
}

/** The ARN to start a flow by here. */
export function liveArn(flow: FlowName): string {
  return `${flowArn(flow)}:${LIVE}`;
}

/** The ARNs of what rights are about. Those of keys, topic and bus are known once they are made. */
export function arnsHere(
  made: Pick<Arns, "keyMaterialKey" | "nonceKey" | "tableKey" | "alertTopic" | "eventBus">,
  timeSeries: SeriesStore,
): Arns {
  const series =
    timeSeries === "dynamodb"
      ? arnOf("dynamodb", `table/${NAMES.seriesTable}`)
      : arnOf("timestream", `database/${NAMES.timestreamDatabase}/table/${NAMES.timestreamTable}`);
  return {
    ...made,
    instanceTable: arnOf("dynamodb", `table/${NAMES.instanceTable}`),
    series,
    pushDocument: arnOf("ssm", `document/${NAMES.pushDocument}`),
    allInstances: arnOf("ec2", "instance/*"),
    endOfExecutions: arnOf("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"),
    function: functionArn,
    flow: flowArn,
    executions: (name) => arnOf("states", `execution:${stateMachineNameOf(name)}:*`),
    service: (name) => `${name}.${REGION}.amazonaws.com`,
  };
}

/** Every role with its rights. */
export function rolesHere(arns: Arns, timeSeries: SeriesStore): { name: string; statements: Statement[] }[] {
  const ofRules = rules(arns.flow).flatMap(({ name, target }) =>
    "flow" in target ? [{ name: ROLES.rule(name), statements: startRights(target.flow, arns) }] : [],
  );
  return [
    ...STEPS.map((step) => ({ name: ROLES.step(step), statements: stepRights(step, arns, timeSeries) })),
    ...FLOWS.map(({ name }) => ({ name: ROLES.flow(name), statements: flowRights(name, arns) })),
    ...ofRules,
    { name: ROLES.rule(NAMES.schedule), statements: startRights("fleet-rotation", arns) },
    { name: FLEET_ROLE.name, statements: instanceRights(arns, timeSeries) },
  ];
}
