import { contract as rotate } from "../../functions/credential/rotate/contract.ts";
import type { CredentialSettings } from "../../functions/shared/credential-settings.ts";
import { fleetTagOf, machineNameOf } from "../../functions/shared/names.ts";
import { functionNameIn, type StepName } from "../../functions/steps.ts";
import type { SeriesStore } from "../../protocol/index.ts";
import { hasFlow, type Part } from "../parts.ts";
import { type FlowName, LIVE, type Names, schedules } from "../wiring.ts";

/** The ARNs of what rights are about: references in the CDK app, plain text where the embedded AWS is. */
export interface Arns {
  /** What is deployed. What belongs to a part that is not there has an ARN, too, and nobody has a right to it. */
  parts: readonly Part[];
  instanceTable: string;
  auditTable: string;
  /** What lies in the bucket of the seals; none where there is no bucket. */
  seals: string | undefined;
  findingTable: string;
  ticketTable: string;
  /** The table with the samples in each store that there is: while samples move from one to the other, there are two. */
  series: { [store in SeriesStore]?: string | undefined };
  keyMaterialKey: string;
  nonceKey: string;
  /** The key that encrypts tables and mail at rest. */
  tableKey: string;
  alertTopic: string;
  eventBus: string;
  /** The secrets of the credentials that are turned, and of who may alter their users; patterns, where only names are known. */
  credentialSecrets: readonly string[];
  managerSecrets: readonly string[];
  /** Those of the credentials' secrets that are databases' logins; and tokens, and the secrets with the API keys that these are made by. */
  databaseSecrets: readonly string[];
  tokenSecrets: readonly string[];
  keySecrets: readonly string[];
  /** The managers who sign in by IAM, as users of any database of the account in the Region. */
  managerUsers: readonly string[];
  /** Those of the credentials' secrets that every instance of the fleet may read. */
  instanceSecrets: readonly string[];
  /** Secrets Manager's rotation function. */
  rotateFunction: string;
  pushDocument: string;
  /** All IAM users of the account; the same where exposed keys are to be deleted, and where sessions are to be denied. */
  users: string;
  usersWhoseKeysGo: string | undefined;
  usersDenied: string | undefined;
  /** All EC2 instances of the account in the Region. */
  allInstances: string;
  /** What marks those of them that are the fleet's. */
  fleetTag: { key: string; value: string };
  /** The rule by which Step Functions learns that an execution ended which another one waits for. */
  endOfExecutions: string;
  function(step: StepName): string;
  /** A flow's state machine: what IAM authorises starts against, also those through an alias. */
  flow(name: FlowName): string;
  /** Every execution of a flow. */
  executions(name: FlowName): string;
  /** The schedules that start flows. */
  schedules: readonly string[];
  /** The deployment's own stack, whose ID CloudFormation draws. */
  stack: string;
  /** What KMS calls a service that uses a key on somebody's behalf, e.g. `dynamodb.eu-central-1.amazonaws.com`. */
  service(name: "dynamodb" | "s3" | "sns"): string;
}

/** What a deployment knows only once it has made it; everything else is made of names. */
type Made = Omit<
  Arns,
  | "rotateFunction"
  | "pushDocument"
  | "allInstances"
  | "fleetTag"
  | "endOfExecutions"
  | "flow"
  | "executions"
  | "schedules"
  | "stack"
>;

/** Gives the ARN of a service's resource in this account and Region, e.g. of `ssm` and `document/NAME`. */
export type ArnOf = (service: string, resource: string) => string;

export function arnsOf(names: Names, arnOf: ArnOf, made: Made): Arns {
  return {
    ...made,
    rotateFunction: arnOf("lambda", `function:${functionNameIn(names.prefix, rotate)}`),
    pushDocument: arnOf("ssm", `document/${names.pushDocument}`),
    allInstances: arnOf("ec2", "instance/*"),
    fleetTag: fleetTagOf(names.prefix),
    endOfExecutions: arnOf("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"),
    flow: (name) => flowArnOf(names, arnOf, name),
    schedules: [
      ...schedules(names, made.parts).map(({ name }) => name),
      ...(hasFlow(made.parts, "operate") ? [names.drillSchedule] : []),
    ].map((name) => arnOf("scheduler", `schedule/default/${name}`)),
    stack: arnOf("cloudformation", `stack/${names.stack}/*`),
    executions: (name) => arnOf("states", `execution:${machineNameOf(name, names.prefix)}:*`),
  };
}

export function flowArnOf({ prefix }: Names, arnOf: ArnOf, flow: FlowName): string {
  return arnOf("states", `stateMachine:${machineNameOf(flow, prefix)}`);
}

/**
 * What the ARN of a secret matches, whose end Secrets Manager makes up when the secret is made: a hyphen and six characters.
 *
 * @param secret its name, or its whole ARN already
 */
export function secretArnOf(arnOf: ArnOf, secret: string): string {
  return /^arn:/.test(secret) ? secret : arnOf("secretsmanager", `secret:${secret}-??????`);
}

/**
 * What rights around credentials are about: their own secrets, and what they are set by, each once. By name, also of secrets that
 * a stack makes: roles are made before, and one that was there already is no different.
 *
 * A manager's user is one of any server of the account: IAM knows a server by an ID of RDS's own, which no setting has and a
 * restored database changes.
 */
export function credentialArnsOf(arnOf: ArnOf, credentials: readonly CredentialSettings[]): CredentialArns {
  const secretsOf = (names: readonly string[]) => [...new Set(names.map((name) => secretArnOf(arnOf, name)))];
  const tokens = credentials.filter((one) => one.kind === "token");
  const databases = credentials.filter((one) => one.kind === "database");
  const managers = databases.map(({ manager }) => manager);
  const users = managers.flatMap((one) => ("iamUser" in one ? arnOf("rds-db", `dbuser:*/${one.iamUser}`) : []));
  return {
    credentialSecrets: secretsOf(credentials.map(({ name }) => name)),
    databaseSecrets: secretsOf(databases.map(({ name }) => name)),
    tokenSecrets: secretsOf(tokens.map(({ name }) => name)),
    keySecrets: secretsOf(tokens.flatMap(({ keys }) => keys)),
    managerSecrets: secretsOf(managers.flatMap((one) => ("secret" in one ? one.secret : []))),
    managerUsers: [...new Set(users)],
  };
}

type CredentialArns = Pick<
  Arns,
  "credentialSecrets" | "databaseSecrets" | "tokenSecrets" | "keySecrets" | "managerSecrets" | "managerUsers"
>;

/** The ARN to start a flow by. */
export function liveArnOf({ flow }: Pick<Arns, "flow">, name: FlowName): string {
  return `${flow(name)}:${LIVE}`;
}
