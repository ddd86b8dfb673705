import { Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { sealsUnder } from "../functions/audit/table.ts";
import type { StepName } from "../functions/steps.ts";
import { arnAt } from "../protocol/index.ts";
import type { Data } from "./data.ts";
import { arnIn, namesIn, placelessArn } from "./in-stack.ts";
import type { Part } from "./parts.ts";
import { type Arns, arnsOf, credentialArnsOf, secretArnOf } from "./rights/arns.ts";
import { type Credential, credentialSettingsOf } from "./settings/credentials.ts";
import type { Settings } from "./settings.ts";

interface About {
  parts: readonly Part[];
  data: Data;
  topicArn: string;
  busArn: string;
  /** The bucket in which seals are kept; empty for none. */
  sealBucket: string;
  credentials: readonly Credential[];
  exposedKeys: Settings["exposedKeys"];
  /** Asked for when a right is about one: some rights are made before the functions. */
  functionArn: (step: StepName) => string;
}

/** The ARNs in this stack. Those that are made of names need no reference: who needs them is made before what they name. */
export function arnsIn(
  scope: IConstruct,
  { parts, data, topicArn, busArn, sealBucket, credentials, exposedKeys, functionArn }: About,
): Arns {
  const { region, account, partition, urlSuffix } = Stack.of(scope);
  const names = namesIn(scope);
  const read = credentials.filter(({ instancesRead }) => instancesRead);
  const users = arnAt({ partition, account }, "iam", "user/*");
  return arnsOf(names, arnIn(scope), {
    parts,
    instanceTable: data.instanceTable.tableArn,
    auditTable: data.auditTable.tableArn,
    seals:
      sealBucket === "" ? undefined : placelessArn(scope, "s3", `${sealBucket}/${sealsUnder(names.prefix, account)}*`),
    findingTable: data.findingTable.tableArn,
    ticketTable: data.fleet?.ticketTable.tableArn ?? arnIn(scope)("dynamodb", `table/${names.ticketTable}`),
    series: { timestream: data.series.timestream?.attrArn, dynamodb: data.series.dynamodb?.tableArn },
    keyMaterialKey: data.fleet?.keyMaterialKey.keyArn ?? arnIn(scope)("kms", names.keyMaterialKey),
    nonceKey: data.fleet?.nonceKey.keyArn ?? arnIn(scope)("kms", names.nonceKey),
    tableKey: data.tableKey.keyArn,
    users,
    usersWhoseKeysGo: exposedKeys.then === "delete" ? users : undefined,
    usersDenied: exposedKeys.denySessions ? users : undefined,
    ...credentialArnsOf(arnIn(scope), credentialSettingsOf(credentials)),
    instanceSecrets: read.map(({ name }) => secretArnOf(arnIn(scope), name)),
    alertTopic: topicArn,
    eventBus: busArn,
    function: functionArn,
    service: (name) => `${name}.${region}.${urlSuffix}`,
  });
}
