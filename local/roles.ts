import { ACCOUNT, arnOf, functionArn, PARTITION, REGION } from "embedded-aws";
import type { CredentialSettings } from "../functions/shared/credential-settings.ts";
import type { ExposedKeySettings } from "../functions/shared/exposed-key-settings.ts";
import { functionNameOf, STEPS } from "../functions/steps.ts";
import { PARTS } from "../infra/parts.ts";
import { type Arns, arnsOf, credentialArnsOf, flowArnOf, liveArnOf, secretArnOf } from "../infra/rights/arns.ts";
import { flowRights, startRights } from "../infra/rights/flows.ts";
import { instanceRights } from "../infra/rights/instances.ts";
import type { Statement } from "../infra/rights/statement.ts";
import { stepRights } from "../infra/rights/steps.ts";
import {
  accountWideNames,
  FLOWS,
  type FlowName,
  NAMES,
  rules,
  schedules,
  stateMachineNameOf,
} from "../infra/wiring.ts";
import { arnAt, type SeriesStore } from "../protocol/index.ts";

// Who may do what here: the same rights as on AWS, made by infra/rights, of the ARNs that things have here.

/** The role of the fleet's instances. Its rights are among `rolesHere`. */
export const FLEET_ROLE = {
  name: accountWideNames(NAMES, REGION).fleetRole,
  id: "AROAKEYTURNINSTANCE01",
  statements: [],
} as const;

// Here, whoever has a role has one of his own name: a function, a state machine, a rule. CloudFormation makes names up.

/** The name of the role by which a schedule starts its flow; a flow itself may be called as its schedule is. */
export function scheduleRole(name: string): string {
  return `${name}-starts`;
}

/** A role's ARN here. */
export function roleArn(name: string): string {
  return arnAt({ partition: PARTITION, account: ACCOUNT }, "iam", `role/${name}`);
}

/** What the ARN of a secret matches here. */
export function secretArn(name: string): string {
  return secretArnOf(arnOf, name);
}

/** The ARN of a flow's state machine here. */
export function flowArn(flow: FlowName): string {
  return flowArnOf(NAMES, arnOf, flow);
}

/** The ARN to start a flow by here. */
export function liveArn(flow: FlowName): string {
  return liveArnOf({ flow: flowArn }, flow);
}

/**
 * The ARNs of what rights are about. Those of keys, topic and bus are known once they are made.
 *
 * @param exposedKeys what is done with exposed access keys: there are only rights to what is
 */
export function arnsHere(
  made: Pick<Arns, "keyMaterialKey" | "nonceKey" | "tableKey" | "alertTopic" | "eventBus">,
  stores: readonly SeriesStore[],
  credentials: readonly CredentialSettings[] = [],
  exposedKeys: Pick<ExposedKeySettings, "then" | "denySessions"> = { then: "deactivate", denySessions: true },
): Arns {
  const users = arnAt({ partition: PARTITION, account: ACCOUNT }, "iam", "user/*");
  const series = {
    timestream: arnOf("timestream", `database/${NAMES.timestreamDatabase}/table/${NAMES.timestreamTable}`),
    dynamodb: arnOf("dynamodb", `table/${NAMES.seriesTable}`),
  };
  return arnsOf(NAMES, arnOf, {
    ...made,
    parts: PARTS,
    instanceTable: arnOf("dynamodb", `table/${NAMES.instanceTable}`),
    auditTable: arnOf("dynamodb", `table/${NAMES.auditTable}`),
    seals: undefined,
    findingTable: arnOf("dynamodb", `table/${NAMES.findingTable}`),
    ticketTable: arnOf("dynamodb", `table/${NAMES.ticketTable}`),
    series: Object.fromEntries(stores.map((store) => [store, series[store]])),
    users,
    usersWhoseKeysGo: exposedKeys.then === "delete" ? users : undefined,
    usersDenied: exposedKeys.denySessions ? users : undefined,
    ...credentialArnsOf(arnOf, credentials),
    // The applications run on instances.
    instanceSecrets: credentials.map(({ name }) => secretArn(name)),
    function: (step) => functionArn(functionNameOf(step)),
    service: (name) => `${name}.${REGION}.amazonaws.com`,
  });
}

/** Every role with its rights. */
export function rolesHere(arns: Arns): { name: string; statements: Statement[] }[] {
  const ofRules = rules(NAMES, arns.flow).flatMap(({ name, target }) =>
    "flow" in target ? [{ name, statements: startRights(target.flow, arns) }] : [],
  );
  return [
    ...STEPS.map((step) => ({ name: functionNameOf(step), statements: stepRights(step, arns) })),
    ...FLOWS.map(({ name }) => ({ name: stateMachineNameOf(name), statements: flowRights(name, arns) })),
    ...ofRules,
    ...schedules(NAMES).map(({ name, flow }) => ({ name: scheduleRole(name), statements: startRights(flow, arns) })),
    { name: FLEET_ROLE.name, statements: instanceRights(arns) },
  ];
}
