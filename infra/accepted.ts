import { Token, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { sealsUnder } from "../functions/audit/table.ts";
import { machineNameOf } from "../functions/shared/names.ts";
import type { ResourceName } from "../functions/shared/uses.ts";
import { STEPS } from "../functions/steps.ts";
import { arnAt } from "../protocol/index.ts";
import { consumerPathsOf } from "./consumers.ts";
import { needsNetwork } from "./credential-network.ts";
import { secretPathOf } from "./credentials.ts";
import { pascal } from "./flows.ts";
import { idOf, isInNetwork } from "./functions.ts";
import { namesIn } from "./in-stack.ts";
import { hasFlow, hasStep, type Part } from "./parts.ts";
import { peoplePathsOf } from "./people.ts";
import { LISTED, stepsThatMay, WITH_ITEMS } from "./rights/steps.ts";
import { isDatabase } from "./settings/credentials.ts";
import type { Settings } from "./settings.ts";
import type { KeyturnStack } from "./stack.ts";
import { FLOWS } from "./wiring.ts";

/** Something that cdk-nag or CloudFormation's own checks object to, and that stays as it is. */
interface Accepted {
  /** Paths of constructs in the stack; some are there once for each credential. */
  at: string[] | ((settings: Settings) => string[]);
  id: string;
  reason: string;
  /** Only with that store for the samples, or where there are credentials, or a network for them; else with whatever there is. */
  only?: Settings["timeSeries"] | "credentials" | "network";
}

const PARTITION = { partition: "<AWS::Partition>" };
const OF_ACCOUNT = { ...PARTITION, account: "<AWS::AccountId>" };
/** Stands for the Region, which is a reference in a stack that may be in any, and else its name; so it is with the partition. */
const REGION = "<AWS::Region>";
const HERE = { ...OF_ACCOUNT, region: REGION };
/** Stands for what the names of the deployment begin with. */
const PREFIX = "<Prefix>";
/** Stands for the stack's name. */
const STACK = "<Stack>";
/** Stands for the one that an account's CDK was bootstrapped with, of which its bucket is named. */
const QUALIFIER = "<Qualifier>";

/** Stands for the bucket in which seals are kept, where there is one. */
const SEAL_BUCKET = "<SealBucket>";

/** Stands for each manager who signs in by IAM. */
const MANAGER = "<Manager>";

/** The steps whose contracts name a resource. */
function stepsThatUse(resource: ResourceName) {
  return STEPS.filter(({ uses }) => resource in uses);
}

/** What the checks object to and what is right all the same, one by one, with the reason. */
const ACCEPTED: Accepted[] = [
  {
    at: ["DeadLetters/Undelivered"],
    id: "AwsSolutions::AwsSolutions-SQS3",
    reason: "It is the dead-letter queue of the rules and the schedule, which the rule does not look at.",
  },
  {
    at: [
      ...["RegistrationUpsertIp", "RotationEndPush", "FleetRotationListDue", "LifeFollowState"],
      "CredentialNotifySns",
    ].map((id) => `Functions/${id}`),
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::<DataInstanceTableD22D1CF2.Arn>/index/*]",
    reason: "Queries of the indexes of one table, and of nothing else.",
  },
  {
    at: ["Functions/WatchSealDay"],
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::<DataAuditTableD7A94F1A.Arn>/index/*]",
    reason: "Queries of the indexes of one table, and of nothing else.",
  },
  {
    at: ["Functions/WatchSealDay"],
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arnAt(PARTITION, "s3", `${SEAL_BUCKET}/${sealsUnder(PREFIX, HERE.account)}*`)}]`,
    reason: "Puts each day's seal under a name of its own, under this one prefix.",
  },
  {
    at: ["Functions/WatchNotifySns", "Functions/OperateListMeant"],
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::<DataFindingTableFB6E56C8.Arn>/index/*]",
    reason: "Queries of the indexes of one table, and of nothing else.",
  },
  {
    at: [
      "RotationEndPush",
      "RotationAskForReceipt",
      "RotationAwaitFormer",
      "RotationFollowHost",
      "LifeFollowState",
      "WatchLookAtRecords",
      "WatchLookAtHosts",
    ].map((id) => `Functions/${id}`),
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
    reason: "Reads the state of commands or hosts by calls for which AWS knows no narrower resource.",
  },
  {
    at: [
      "RotationReadTimeSeries",
      "OperateRekey",
      "CredentialReadUses",
      "WatchReadCredentials",
      "WatchCheckRecords",
    ].map((id) => `Functions/${id}`),
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
    reason: "DescribeEndpoints, for which AWS knows no narrower resource.",
    only: "timestream",
  },
  {
    at: ["Functions/ExposedKeyReadKey", "Functions/ExposedKeyLookUpUse"],
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
    reason:
      "Whose a key is, and what CloudTrail has of it: for the one AWS knows no resource, and for the other the user is not known.",
  },
  {
    at: [...stepsThatUse("users"), ...stepsThatUse("usersWhoseKeysGo"), ...stepsThatUse("usersDenied")].map(
      (step) => `Functions/${idOf(step)}`,
    ),
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arnAt(OF_ACCOUNT, "iam", "user/*")}]`,
    reason: "Whose key will be exposed is not known before: it may be that of any user of the account.",
  },
  {
    at: ["Functions/RotationPushToInstance"],
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arnAt(HERE, "ec2", "instance/*")}]`,
    reason: "Hosts come and go; a condition holds it to those that are tagged as Keyturn's.",
  },
  {
    at: ["Registration", "Rotation", "FleetRotation", "Watch", "Operate", "Credential", "ExposedKey"].map(
      (id) => `Flows/${id}`,
    ),
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
    reason: "Log delivery and X-Ray, for which AWS knows no narrower resource.",
  },
  {
    at: ["Flows/FleetRotation", "Flows/Operate"],
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arnAt(HERE, "states", `execution:${machineNameOf("rotation", PREFIX)}:*`)}]`,
    reason: "Waits for the executions that it starts, of one flow; their names are made as they start.",
  },
  ...[":*", "/*"].flatMap((end) =>
    (
      [
        ["Flows/FleetRotation", "fleet-rotation"],
        ["Flows/Operate", "operate"],
      ] as const
    ).map(([at, flow]) => ({
      at: [at],
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arnAt(HERE, "states", `execution:${machineNameOf(flow, PREFIX)}${end}`)}]`,
      reason: "The parts of its own Distributed Map, whose names Step Functions makes.",
    })),
  ),
  {
    at: ["CredentialRotate", "CredentialRequestRotation", "CredentialValidateSecret", "WatchLookAtCredentials"].map(
      (id) => `Functions/${id}`,
    ),
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arnAt(HERE, "states", `execution:${machineNameOf("credential", PREFIX)}:*`)}]`,
    reason: "Asks how executions of one flow ended, whose names are made as they start.",
  },
  {
    at: ["Functions/CredentialReadUses", "Functions/WatchReadCredentials"],
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::<DataSeriesTable0E91B9D0.Arn>/index/*]",
    reason: "Queries of the indexes of one table, and of nothing else.",
    only: "dynamodb",
  },
  {
    at: STEPS.filter(isInNetwork).map((step) => `Functions/${idOf(step)}`),
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
    reason:
      "Lambda connects them with the VPC by calls for which IAM knows no narrower resource; they cannot make these.",
    only: "network",
  },
  {
    at: stepsThatMay("rds-db:connect").map((step) => `Functions/${idOf(step)}`),
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arnAt(HERE, "rds-db", `dbuser:*/${MANAGER}`)}]`,
    reason: "One user by name, on whichever server: its ID is RDS's own, and a restored database has another one.",
    only: "credentials",
  },
  {
    at: ({ credentials }) => credentials.filter((one) => !one.existingSecret).map(secretPathOf),
    id: "AwsSolutions::AwsSolutions-SMG4",
    reason: "It has: by its name, and the rule knows references only.",
    only: "credentials",
  },
  {
    at: ({ credentials }) => consumerPathsOf(credentials),
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
    reason: "DescribeEndpoints, for which AWS knows no narrower resource.",
    only: "timestream",
  },
  {
    at: ["Instances/Rights"],
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
    reason: "The SSM agent's own calls and DescribeEndpoints, for which AWS knows no narrower resource.",
  },
  {
    at: ["Instances/Rights"],
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arnAt(PARTITION, "s3", `cdk-${QUALIFIER}-assets-${HERE.account}-${HERE.region}/${PREFIX}/*.zip`)}]`,
    reason:
      "The agents of all deployments, whose names are digests: earlier versions of the launch template fetch earlier ones.",
  },
  {
    at: ["Instances/Rights"],
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arnAt(HERE, "kms", "key/*")}]`,
    reason: "Whichever key the account's CDK was bootstrapped with; conditions hold it to the agents in CDK's bucket.",
  },
  ...["DataInstanceTableD22D1CF2", "DataFindingTableFB6E56C8"].map((table) => ({
    at: peoplePathsOf(),
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${table}.Arn>/index/*]`,
    reason: "Queries of the indexes of one table, and of nothing else.",
  })),
  ...LISTED.map((flow) => ({
    at: peoplePathsOf(),
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arnAt(HERE, "states", `execution:${machineNameOf(flow, PREFIX)}:*`)}]`,
    reason: "Reads how executions went, and ended, whose names are made as they start.",
  })),
  ...WITH_ITEMS.flatMap((flow) =>
    (["execution", "mapRun"] as const).map((kind) => ({
      at: peoplePathsOf(),
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arnAt(HERE, "states", `${kind}:${machineNameOf(flow, PREFIX)}/*`)}]`,
      reason: "Reads how the parts of a Distributed Map went, whose names Step Functions makes.",
    })),
  ),
  {
    at: peoplePathsOf(),
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arnAt(HERE, "cloudformation", `stack/${STACK}/*`)}]`,
    reason: "One stack by its name: CloudFormation makes up the ID behind it, another one each time it is made anew.",
  },
  {
    at: peoplePathsOf(),
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
    reason:
      "Alarms, launch templates, quotas, managed hosts and endpoints: read by calls for which AWS knows no narrower resource.",
  },
  {
    at: ["Data/SampleDatabase", "Data/SampleTable"],
    id: "CloudFormation-Validate::W3697",
    reason: "Known: it is taken only where an account can have it, which `npm run deploy` asks first.",
    only: "timestream",
  },
  {
    at: ["Data/TicketTable"],
    id: "AwsSolutions::AwsSolutions-DDB3",
    reason: "A push writes its ticket anew, from the record; an old ticket is no use.",
  },
  {
    at: ["Data/SeriesTable"],
    id: "AwsSolutions::AwsSolutions-DDB3",
    reason: "Samples are worth minutes; there is nothing to recover.",
    only: "dynamodb",
  },
];

/** Accepts each where it is objected to. */
export function acceptObjections(stack: KeyturnStack, settings: Settings): void {
  const { timeSeries, formerTimeSeries, audit, credentials } = settings;
  const there = [
    ...[timeSeries, formerTimeSeries],
    ...(credentials.length > 0 ? ["credentials"] : []),
    ...(needsNetwork(settings) ? ["network"] : []),
  ];
  const { bootstrapQualifier = "" } = stack.synthesizer;
  const byIam = credentials.filter(isDatabase).flatMap(({ manager }) => manager.user ?? []);
  for (const { at, id: general, reason, only } of ACCEPTED) {
    if (only !== undefined && !there.includes(only)) continue;
    if (audit.bucket === "" && general.includes(SEAL_BUCKET)) continue;
    const paths = (typeof at === "function" ? at(settings) : at).filter((path) => isThere(path, stack.parts));
    const id = general
      .replaceAll(REGION, Token.isUnresolved(stack.region) ? REGION : stack.region)
      .replaceAll(PARTITION.partition, Token.isUnresolved(stack.partition) ? PARTITION.partition : stack.partition)
      .replace(PREFIX, namesIn(stack).prefix)
      .replace(STACK, stack.stackName)
      .replace(QUALIFIER, bootstrapQualifier)
      .replace(SEAL_BUCKET, audit.bucket);
    const ids = id.includes(MANAGER) ? byIam.map((user) => id.replace(MANAGER, user)) : [id];
    for (const path of paths)
      for (const one of ids) Validations.of(constructAt(stack, path)).acknowledge({ id: one, reason });
  }
}

/** Whether what a path leads to is of these parts. */
function isThere(path: string, parts: readonly Part[]): boolean {
  const isOf = (id: string) => path === id || path.startsWith(`${id}/`);
  const { functions, flows } = {
    functions: STEPS.filter((step) => !hasStep(parts, step)).map((step) => `Functions/${idOf(step)}`),
    flows: FLOWS.filter(({ name }) => !hasFlow(parts, name)).map(({ name }) => `Flows/${pascal(name)}`),
  };
  const ofFleet = parts.includes("fleet") ? [] : ["Instances", "Data/TicketTable", "Data/SeriesTable"];
  return ![...functions, ...flows, ...ofFleet].some(isOf);
}

/** @throws Error when the path leads nowhere, so that no acknowledgement outlives what it is about */
function constructAt(stack: KeyturnStack, path: string): IConstruct {
  return path.split("/").reduce<IConstruct>((construct, id) => construct.node.findChild(id), stack);
}
