import type { StepContract } from "../../functions/shared/contract.ts";
import { type ResourceName, USABLE } from "../../functions/shared/uses.ts";
import { STEPS } from "../../functions/steps.ts";
import type { SeriesStore } from "../../protocol/index.ts";
import { FLOWS, type FlowName, hasFlow } from "../parts.ts";
import type { Arns } from "./arns.ts";
import { allow, type Statement } from "./statement.ts";

/**
 * A step's rights: exactly the actions that its contract names, on exactly what they are about.
 *
 * @throws Error for a pair of resource and action that is not known: AWS takes any, and denies the use of a wrong one
 */
export function stepRights({ flow, name, uses }: StepContract, arns: Arns): Statement[] {
  return usesRights(`the step ${flow}/${name}`, uses, arns);
}

/**
 * The rights to the actions that somebody uses, on exactly what they are about.
 *
 * @param who is named in the error, e.g. `the step watch/seal-day`
 * @throws Error as `stepRights` does
 */
export function usesRights(who: string, used: Record<string, readonly string[]>, arns: Arns): Statement[] {
  const known = Object.entries(used).map(([resource, actions]): [ResourceName, string[]] => {
    const named = knownResource(who, resource, actions);
    return [named, actions.filter((action) => isUsable(named, action, arns))];
  });
  // There is not everything in every deployment.
  const uses = known.filter(([resource]) => resource === "timeSeries" || aboutOf(resource, arns).length > 0);
  const statements = uses.flatMap(([resource, actions]) => {
    if (resource === "timeSeries") return readingSeries(actions, arns);
    return actions.length === 0 ? [] : [allow(actions, aboutOf(resource, arns), conditionsOn(resource, arns))];
  });
  return [...statements, ...rightsToTableKey(uses, arns)];
}

/** What belongs to the fleet: of exposed keys alone, the watch is deployed, whose steps could use it, and people may, too. */
const OF_FLEET: readonly ResourceName[] = [
  ...(["ticketTable", "keyEncryptionKey", "nonceKey", "pushDocument", "hosts"] as const),
  ...(["registrationFlow", "rotationFlow", "fleetRotationFlow", "operateFlow"] as const),
  ...(["credentialFlow", "credentialExecutions", "rotateFunction"] as const),
];

/** The flows whose executions people start, by themselves or by way of an event. */
export const STARTED_BY_PEOPLE = ["rotation", "fleet-rotation", "watch", "operate", "credential"] as const;

/** The flows that keep a history; of an Express one there are logs. */
export const LISTED = FLOWS.filter(({ type }) => type === "STANDARD").map(({ name }) => name);

/** Those of them with a Map each of whose items has an execution of its own. */
export const WITH_ITEMS = ["fleet-rotation", "operate"] as const satisfies FlowName[];

/** What the ARNs of the executions of a flow are where they are those of the items of its Map. */
function ofItems(executions: string): string {
  return executions.replace(/:\*$/, "/*");
}

/** The ARNs of what a right to a resource is about: none where there is no such thing. */
function aboutOf(resource: Exclude<ResourceName, "timeSeries">, arns: Arns): string[] {
  if (OF_FLEET.includes(resource) && !arns.parts.includes("fleet")) return [];
  return [arnsByResource(arns)[resource] ?? []].flat();
}

function knownResource(who: string, resource: string, actions: readonly string[]): ResourceName {
  const usable = new Map<string, readonly string[]>(Object.entries(USABLE)).get(resource);
  for (const action of actions) {
    if (usable?.includes(action)) continue;
    throw new Error(
      `${who.charAt(0).toUpperCase()}${who.slice(1)} uses "${action}" on ${resource}, for which no rights are known. Look up on which ` +
        "resource and under which conditions AWS allows the action, and add the pair to functions/shared/uses.ts.",
    );
  }
  return resource as ResourceName;
}

/** A step can read the series in either store; it may read it where it is. */
function isUsable(resource: ResourceName, action: string, { series }: Arns): boolean {
  const [service = ""] = action.split(":");
  const isOfStore = resource === "timeSeries" || service === "timestream";
  return !isOfStore || series[service as SeriesStore] !== undefined;
}

function readingSeries(actions: string[], { series }: Arns): Statement[] {
  return actions.map((action) => allow([action], [series[action.split(":")[0] as SeriesStore] ?? ""]));
}

function arnsByResource(
  arns: Arns,
): Record<Exclude<ResourceName, "timeSeries">, string | readonly string[] | undefined> {
  const isThere = (flow: FlowName) => hasFlow(arns.parts, flow);
  const items = WITH_ITEMS.filter(isThere).map((flow) => ofItems(arns.executions(flow)));
  return {
    instanceTable: arns.instanceTable,
    tokenRecords: arns.tokenSecrets.length === 0 ? undefined : arns.instanceTable,
    instanceIndexes: `${arns.instanceTable}/index/*`,
    auditTable: arns.auditTable,
    auditIndexes: `${arns.auditTable}/index/*`,
    sealBucket: arns.seals,
    findingTable: arns.findingTable,
    findingIndexes: `${arns.findingTable}/index/*`,
    ticketTable: arns.ticketTable,
    keyEncryptionKey: arns.keyMaterialKey,
    nonceKey: arns.nonceKey,
    pushDocument: arns.pushDocument,
    hosts: arns.allInstances,
    alertTopic: arns.alertTopic,
    eventBus: arns.eventBus,
    registrationFlow: arns.flow("registration"),
    // Also for SendTaskSuccess and SendTaskFailure, of which the Service Authorization Reference and AWS's policy checkers say
    // that they know no resource: the denials that AWS gives name the state machine, and CDK grants them on it.
    rotationFlow: arns.flow("rotation"),
    fleetRotationFlow: arns.flow("fleet-rotation"),
    watchFlow: arns.flow("watch"),
    operateFlow: arns.flow("operate"),
    executions: STARTED_BY_PEOPLE.filter(isThere).map(arns.executions),
    flows: LISTED.filter(isThere).map(arns.flow),
    histories: [...LISTED.filter(isThere).map(arns.executions), ...items],
    mapRuns: items.map((executions) => executions.replace(":execution:", ":mapRun:")),
    schedules: arns.schedules,
    stack: arns.stack,
    credentialFlow: arns.flow("credential"),
    exposedKeyFlow: arns.flow("exposed-key"),
    users: arns.users,
    usersWhoseKeysGo: arns.usersWhoseKeysGo,
    usersDenied: arns.usersDenied,
    credentialExecutions: arns.executions("credential"),
    credentialSecrets: arns.credentialSecrets,
    databaseSecrets: arns.databaseSecrets,
    tokenSecrets: arns.tokenSecrets,
    keySecrets: arns.keySecrets,
    managerSecrets: arns.managerSecrets,
    managerUsers: arns.managerUsers,
    rotateFunction: arns.rotateFunction,
    seriesIndexes: arns.series.dynamodb && `${arns.series.dynamodb}/index/*`,
    unscoped: "*",
  };
}

/** The steps whose contracts name an action. */
export function stepsThatMay(action: string) {
  return STEPS.filter(({ uses }) => (Object.values(uses) as string[][]).flat().includes(action));
}

const KEY_NAME = ["id", "ec2InstanceId", "generation"];

/** Under which conditions a step may do it, where these are the same in every deployment. */
const CONDITIONS: { [Resource in ResourceName]?: NonNullable<Statement["Condition"]> } = {
  // Key material is encrypted and decrypted only under the name of the key that it is.
  keyEncryptionKey: {
    "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": KEY_NAME },
    Null: Object.fromEntries(KEY_NAME.map((name) => [`kms:EncryptionContext:${name}`, "false"])),
  },
  nonceKey: { StringEquals: { "kms:MacAlgorithm": "HMAC_SHA_256" } },
};

function conditionsOn(resource: ResourceName, { fleetTag }: Arns): Statement["Condition"] {
  if (resource === "hosts") return { StringEquals: { [`ssm:resourceTag/${fleetTag.key}`]: fleetTag.value } };
  return CONDITIONS[resource];
}

/**
 * What DynamoDB does with the key of a table on behalf of a caller, who needs the right to it. The guide of KMS says of
 * items that they need Decrypt alone, and so it is enforced here; AWS's example policies give the others too, and one that
 * is missing would stop everything.
 */
export const READ_THROUGH = ["kms:Decrypt", "kms:DescribeKey"];
export const WRITE_THROUGH = [
  ...READ_THROUGH,
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

function rightsToTableKey(uses: [ResourceName, string[]][], arns: Arns): Statement[] {
  const actions = uses.flatMap(([, names]) => names);
  const writes = actions.some((action) => /^dynamodb:(Put|Update|Delete)Item$/.test(action));
  const reads = actions.some((action) => action.startsWith("dynamodb:"));
  return [
    ...(reads ? [throughService("dynamodb", arns, writes ? WRITE_THROUGH : READ_THROUGH)] : []),
    ...(actions.includes("sns:Publish") ? [throughService("sns", arns, ["kms:Decrypt", "kms:GenerateDataKey"])] : []),
  ];
}

/** The key of the tables may be used by way of the service that it is for, and not by itself. */
export function throughService(
  service: "dynamodb" | "sns",
  arns: Pick<Arns, "tableKey" | "service">,
  actions: string[],
): Statement {
  return allow(actions, [arns.tableKey], { StringEquals: { "kms:ViaService": arns.service(service) } });
}
