import { identityRights } from "./policies.ts";
import type { Resource, Synthesized } from "./synthesized.ts";

/** What of a template has to last, as it is kept of each released version. */
export interface Lasting {
  /** By logical ID: type, what CloudFormation keeps of it when it goes, and the properties that LASTING names. */
  resources: Record<string, { Type: string; [property: string]: unknown }>;
  /** By name. */
  outputs: Record<string, unknown>;
  /** The files in S3 that instances may read: by pattern, under which right. */
  files: Record<string, string>;
}

interface Kind {
  /** The properties of which a change makes another resource of it, or one that others do not know. */
  keeps: string[];
  /** What a change does, and what to do instead. */
  instead: string;
}

const SAME_NAME =
  "Another name or logical ID is another resource: what others know the former by is gone, and under the same name \
CloudFormation fails, because it makes the new one first.";
const LAUNCHED = "Earlier versions of the launch template, and groups that are pinned to them, name the former one.";
const TABLE =
  "A table of another name, key or logical ID is an empty one: the records stay behind. An index cannot be changed, and \
one deployment makes or deletes one index of a table: make the other one beside it under a name of its own, release that, \
and delete the former in a later version.";

const named = (property: string, instead = SAME_NAME): Kind => ({ keeps: [property], instead });

/** What has to last, by type. */
export const LASTING: Record<string, Kind> = {
  "AWS::CloudWatch::Alarm": named("AlarmName"),
  "AWS::CloudWatch::Dashboard": named("DashboardName"),
  "AWS::DynamoDB::Table": {
    keeps: [
      ...["TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "SSESpecification"],
      ...["TimeToLiveSpecification", "DeletionProtectionEnabled", "PointInTimeRecoverySpecification"],
    ],
    instead: TABLE,
  },
  "AWS::EC2::LaunchTemplate": named("LaunchTemplateName"),
  "AWS::EC2::SecurityGroup": { keeps: ["GroupDescription"], instead: LAUNCHED },
  "AWS::Events::EventBus": named("Name"),
  "AWS::Events::Rule": { keeps: ["Name", "EventBusName"], instead: SAME_NAME },
  "AWS::IAM::InstanceProfile": { keeps: ["Roles"], instead: LAUNCHED },
  "AWS::IAM::ManagedPolicy": { keeps: ["ManagedPolicyName", "Description", "Path"], instead: SAME_NAME },
  "AWS::IAM::Role": named(
    "RoleName",
    "Another role has another ID: instances that run under the former one can no longer register.",
  ),
  "AWS::KMS::Alias": { keeps: ["AliasName", "TargetKeyId"], instead: SAME_NAME },
  "AWS::KMS::Key": {
    keeps: ["KeySpec", "KeyUsage"],
    instead:
      "Another key decrypts nothing that this one encrypted, and derives other nonces: every record would be lost.",
  },
  "AWS::Lambda::Function": named(
    "FunctionName",
    "Executions under way, and versions of a flow that one may go back to, call it by this name: leave it until the next \
version, without a state that calls it.",
  ),
  "AWS::Lambda::Url": {
    keeps: ["TargetFunctionArn", "AuthType"],
    instead: "Another resource has another URL: agents that are installed would call the former one for ever.",
  },
  "AWS::Logs::LogGroup": named("LogGroupName"),
  "AWS::SNS::Topic": named("TopicName", "Another topic has no subscribers: each address would have to confirm again."),
  "AWS::SQS::Queue": named("QueueName"),
  "AWS::SecretsManager::Secret": named(
    "Name",
    "Under another logical ID CloudFormation makes another secret, and the name is taken: applications log in by this one.",
  ),
  "AWS::SecretsManager::RotationSchedule": named(
    "SecretId",
    "When the former schedule goes, rotation is switched off, also where a new one of the same secret was made before.",
  ),
  "AWS::SSM::Document": { keeps: ["Name", "DocumentType"], instead: SAME_NAME },
  "AWS::Scheduler::Schedule": named("Name"),
  "AWS::StepFunctions::StateMachine": { keeps: ["StateMachineName", "StateMachineType"], instead: SAME_NAME },
  "AWS::StepFunctions::StateMachineAlias": named("Name"),
  "AWS::StepFunctions::StateMachineVersion": {
    keeps: [],
    instead: "Versions are retained, so that the alias can be pointed back: keep the policies of infra/flows.ts.",
  },
  "AWS::Timestream::Database": named("DatabaseName", TABLE),
  "AWS::Timestream::Table": { keeps: ["DatabaseName", "TableName"], instead: TABLE },
};

/** Of these nothing has to last: they go with what they are about, and nobody knows them by a name. */
export const PASSING = [
  "AWS::EC2::SecurityGroupIngress",
  "AWS::EC2::VPCEndpoint",
  "AWS::Events::EventBusPolicy",
  "AWS::IAM::Policy",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::Permission",
  "AWS::SNS::Subscription",
  "AWS::SNS::TopicPolicy",
  "AWS::SQS::QueuePolicy",
];

/** Properties that a resource may be given later. Where one of the others was not set, setting it replaces the resource. */
const ADDABLE = [
  ...["DeletionProtectionEnabled", "GlobalSecondaryIndexes", "PointInTimeRecoverySpecification"],
  ...["SSESpecification", "TimeToLiveSpecification"],
];

/** Lists to which one may add, and by what they are kept. */
const OPEN_LISTS: Record<string, string> = {
  AttributeDefinitions: "AttributeName",
  GlobalSecondaryIndexes: "IndexName",
};

/** The output that says what a setting is: others rest on its name, and not on its value. */
const FOLLOWS_SETTINGS = "TimeSeries";

/** Takes out of a template what has to last. */
export function lasting(given: Synthesized): Lasting {
  const resources = Object.entries(given.resources)
    .filter(([, { Type }]) => Type in LASTING)
    .map(([id, resource]) => [id, lastingOf(resource)] as const)
    // Nobody knows a resource without a name, such as a role that CloudFormation names.
    .filter(([, { Type, ...kept }]) => Object.values(kept).some((value) => value !== null))
    .sort(([one, { Type }], [other, { Type: otherType }]) => (Type + one < otherType + other ? -1 : 1));
  const outputs = Object.entries((given.template.Outputs ?? {}) as Record<string, { Description?: string }>);
  const fetches = identityRights(given).filter(({ Action }) => Action.includes("s3:GetObject"));
  return {
    resources: Object.fromEntries(resources),
    outputs: Object.fromEntries(
      outputs.map(([name, { Description, ...output }]) => [name, name === FOLLOWS_SETTINGS ? {} : output]),
    ),
    files: Object.fromEntries(fetches.flatMap(({ Resource, policy }) => Resource.map((file) => [file, policy]))),
  };
}

function lastingOf({ Type, Properties, ...policies }: Resource) {
  const kept = (LASTING[Type]?.keeps ?? [])
    .filter((name) => name in Properties || !ADDABLE.includes(name))
    .map((name) => [name, name in OPEN_LISTS ? byName(name, Properties[name]) : (Properties[name] ?? null)]);
  const retained = Object.entries(policies).filter(([, policy]) => /^Retain/.test(String(policy)));
  return { Type, ...Object.fromEntries([...retained, ...kept]) };
}

function byName(list: string, items: unknown): unknown {
  const name = OPEN_LISTS[list] ?? "";
  return Object.fromEntries((items as Record<string, string>[]).map(({ [name]: key, ...rest }) => [key, rest]));
}

/** Each thing of a released version that is no longer as it was, with what to do instead. */
export function broken(before: Lasting, now: Lasting): string[] {
  const resources = Object.entries(before.resources).flatMap(([id, resource]) =>
    changes(resource, now.resources[id], id).map((change) => `${change} ${LASTING[resource.Type]?.instead ?? ""}`),
  );
  const outputs = changes(before.outputs, now.outputs, "The output");
  const files = changes(before.files, now.files, "The right of instances to").map((change) => `${change} ${LAUNCHED}`);
  return [...resources, ...outputs, ...files];
}

function changes(before: unknown, now: unknown, place: string): string[] {
  if (now === undefined) return [`${place} is gone, which was ${JSON.stringify(before)}.`];
  const isLeaf = (value: unknown) => Array.isArray(value) || typeof value !== "object" || value === null;
  if (isLeaf(before) || isLeaf(now)) {
    const [was, is] = [JSON.stringify(before), JSON.stringify(now)];
    return was === is ? [] : [`${place} was ${was} and is ${is}.`];
  }
  return Object.entries(before as object).flatMap(([name, inner]) =>
    changes(inner, (now as Record<string, unknown>)[name], `${place} ${name}`),
  );
}
