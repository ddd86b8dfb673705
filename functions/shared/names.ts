import type { StepContract } from "./contract.ts";
// Names under which things are deployed, as far as people are told to type them or functions go by them: the commands in
// mails have them from here, and so has infra/wiring.ts, which names all the rest. Each begins with the deployment's own
// prefix, so that two deployments of an account share none.

/** What names begin with as shipped, and on this computer. A prefix has no hyphen, so that it can be read off a name. */
export const SHIPPED_PREFIX = "keyturn";

/** The names that people type, or the command line asks for, in the deployment of a prefix. */
export function typedNamesOf(prefix: string) {
  return {
    instanceTable: `${prefix}-instances`,
    findingTable: `${prefix}-findings`,
    auditTable: `${prefix}-audit`,
    /** The samples lie in one of these: in DynamoDB, or in Timestream's table of that database. */
    seriesTable: `${prefix}-samples`,
    timestreamDatabase: prefix,
    timestreamTable: "samples",
    eventBus: prefix,
    alertTopic: `${prefix}-alerts`,
    schedule: `${prefix}-schedule`,
    watchSchedule: `${prefix}-watch`,
    drillSchedule: `${prefix}-drill`,
    launchTemplate: `${prefix}-instance`,
    registrationLog: `/aws/vendedlogs/states/${machineNameOf("registration", prefix)}`,
    keyMaterialKey: `alias/${prefix}-key-material`,
    installDocument: `${titleOf(prefix)}-Install`,
  };
}

/** What the stack is described as. By it one is told from somebody else's of the same name: from 0.1.0 on. */
export const STACK_DESCRIPTION = "Keyturn: keeps one secret key on every EC2 instance fresh";

/** What one is described as that has no fleet, and shuts exposed access keys only. */
export const STACK_DESCRIPTION_WITHOUT_FLEET = "Keyturn: shuts access keys that are exposed";

/** A prefix as it begins what is written with a capital, e.g. `Keyturn`. */
export function titleOf(prefix: string): string {
  return prefix.charAt(0).toUpperCase() + prefix.slice(1);
}

/** The alias that everything starts a flow by, so that it can be pointed back at an earlier version. */
export const LIVE = "live";

/** The name of a flow's state machine in AWS, e.g. `keyturn-rotation`. */
export function machineNameOf(flow: string, prefix: string): string {
  return `${prefix}-${flow}`;
}

/** Which step it is: a step of another flow may have the same name. */
export type StepName = Pick<StepContract, "flow" | "name">;

/** A function's name in AWS, in the deployment of a prefix, e.g. `keyturn-rotation-verify-hash`. */
export function functionNameIn(prefix: string, { flow, name }: StepName): string {
  return `${prefix}-${flow}-${name}`;
}

/** Of which deployment, by its prefix, and of which flow an execution is, e.g. `keyturn` and `fleet-rotation`. */
export function originOf(executionArn: string): { prefix: string; flow: string } {
  const [, , , , , , machine = ""] = executionArn.split(":");
  const [prefix = "", ...flow] = machine.split("-");
  return { prefix, flow: flow.join("-") };
}

/**
 * The name of a managed policy for people, in the deployment of a prefix and a Region: IAM knows an account's policies once.
 *
 * @param policy e.g. `reader`
 */
export function peoplePolicyOf(prefix: string, policy: string, region: string): string {
  return `${prefix}-${policy}-${region}`;
}

/** What each host of a deployment's fleet is tagged with, by whoever launched it. */
export function fleetTagOf(prefix: string): { key: string; value: string } {
  return { key: prefix, value: "instance" };
}
