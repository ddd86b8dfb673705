import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateEventBusCommand, EventBridgeClient, ResourceAlreadyExistsException } from "@aws-sdk/client-eventbridge";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  type KeySpec,
  KMSClient,
  NotFoundException,
} from "@aws-sdk/client-kms";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  ConflictException,
  CreateDatabaseCommand,
  CreateTableCommand as CreateSeriesTableCommand,
  TimestreamWriteClient,
} from "@aws-sdk/client-timestream-write";
import { ACCOUNT, arnOf, PARTITION } from "embedded-aws";
import type { CredentialSettings } from "../functions/shared/credential-settings.ts";
import type { SettingName } from "../functions/shared/settings.ts";
import type { Arns } from "../infra/rights/arns.ts";
import { tableKeyPolicy, topicPolicy } from "../infra/rights/policies.ts";
import type { ResourceStatement } from "../infra/rights/statement.ts";
import { NAMES } from "../infra/wiring.ts";
import { arnAt, type NonceMode, SERIES_STORES, type SeriesStore } from "../protocol/index.ts";
import {
  createAuditTable,
  createFindingTable,
  createInstanceTable,
  createSeriesTable,
  createTicketTable,
} from "./deploy-tables.ts";
import { EXPOSED_KEYS_HERE } from "./exposed/settings.ts";
import { arnsHere, FLEET_ROLE, liveArn } from "./roles.ts";
import { unlessThere } from "./unless-there.ts";

/** How the product is set up here; on AWS these are settings of the CDK app. */
export interface LocalSettings {
  sampleIntervalSeconds: number;
  rotateEverySeconds: number;
  allowedSkewSeconds: number;
  nonceMode: NonceMode;
  timeSeries: SeriesStore;
  formerTimeSeries: SeriesStore | "none";
  pushTimeoutSeconds: number;
  /** How often the watch looks who has fallen silent, and how often it judges each instance's proofs. */
  watchSeconds: { looks: number; proofs: number };
  /** The credentials that are turned; none where it is left out. */
  credentials?: readonly CredentialSettings[];
  /** After how long CloudTrail is asked a second time what was done with an exposed key; as on AWS where it is left out. */
  secondLookSeconds?: number;
}

export interface AwsClients {
  dynamodb: DynamoDBClient;
  events: EventBridgeClient;
  kms: KMSClient;
  sns: SNSClient;
  timestream: TimestreamWriteClient;
}

/** Makes the clients with which things are deployed here. */
export function clientsFor(config: {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}): AwsClients {
  return {
    dynamodb: new DynamoDBClient(config),
    events: new EventBridgeClient(config),
    kms: new KMSClient(config),
    sns: new SNSClient(config),
    timestream: new TimestreamWriteClient(config),
  };
}

/**
 * Makes tables, keys, topic and bus, as the CDK app does on AWS, by the same calls; what is there stays.
 *
 * @returns their ARNs
 */
export async function deployData(
  clients: AwsClients,
  { timeSeries, formerTimeSeries, credentials }: LocalSettings,
): Promise<Arns> {
  const stores = SERIES_STORES.filter((store) => [timeSeries, formerTimeSeries].includes(store));
  const tableKey = await keyNamed(clients.kms, NAMES.tableKey, "SYMMETRIC_DEFAULT", tableKeyPolicy());
  await createInstanceTable(clients.dynamodb, tableKey);
  await createAuditTable(clients.dynamodb, tableKey);
  await createFindingTable(clients.dynamodb, tableKey);
  await createTicketTable(clients.dynamodb, tableKey);
  if (stores.includes("timestream")) await createTimestreamTable(clients.timestream);
  if (stores.includes("dynamodb")) await createSeriesTable(clients.dynamodb, tableKey);
  await createBus(clients.events);
  return arnsHere(
    {
      keyMaterialKey: await keyNamed(clients.kms, NAMES.keyMaterialKey, "SYMMETRIC_DEFAULT"),
      nonceKey: await keyNamed(clients.kms, NAMES.nonceKey, "HMAC_256"),
      tableKey,
      alertTopic: await createTopic(clients.sns, tableKey),
      eventBus: arnOf("events", `event-bus/${NAMES.eventBus}`),
    },
    stores,
    credentials,
    EXPOSED_KEYS_HERE,
  );
}

async function createTopic(client: SNSClient, KmsMasterKeyId: string): Promise<string> {
  const policy = topicPolicy(ACCOUNT, { alertTopic: arnOf("sns", NAMES.alertTopic) });
  const Attributes = { KmsMasterKeyId, Policy: policyOf(policy) };
  const { TopicArn = "" } = await client.send(new CreateTopicCommand({ Name: NAMES.alertTopic, Attributes }));
  return TopicArn;
}

/** Every setting that a step may read. */
export function environmentOf(arns: Arns, settings: LocalSettings): Record<SettingName, string> {
  return {
    NAME_PREFIX: NAMES.prefix,
    INSTANCE_TABLE: NAMES.instanceTable,
    AUDIT_TABLE: NAMES.auditTable,
    // There is no S3 here: the mails and the log have the seals.
    SEAL_BUCKET: "",
    AUDIT_KEPT_DAYS: "365",
    FINDING_TABLE: NAMES.findingTable,
    KEY_ENCRYPTION_KEY: arns.keyMaterialKey,
    NONCE_KEY: arns.nonceKey,
    NONCE_MODE: settings.nonceMode,
    TIME_SERIES: settings.timeSeries,
    FORMER_TIME_SERIES: settings.formerTimeSeries,
    TIMESTREAM_DATABASE: NAMES.timestreamDatabase,
    TIMESTREAM_TABLE: NAMES.timestreamTable,
    TICKET_TABLE: NAMES.ticketTable,
    SERIES_TABLE: NAMES.seriesTable,
    SAMPLE_INTERVAL_SECONDS: String(settings.sampleIntervalSeconds),
    ALLOWED_SKEW_SECONDS: String(settings.allowedSkewSeconds),
    ROTATE_EVERY_SECONDS: String(settings.rotateEverySeconds),
    PUSH_DOCUMENT: NAMES.pushDocument,
    ALERT_TOPIC_ARN: arns.alertTopic,
    EVENT_BUS: NAMES.eventBus,
    REGISTRATION_FLOW_ARN: liveArn("registration"),
    ROTATION_FLOW_ARN: liveArn("rotation"),
    FLEET_ROTATION_FLOW_ARN: liveArn("fleet-rotation"),
    CREDENTIAL_FLOW_ARN: liveArn("credential"),
    EXPOSED_KEY_FLOW_ARN: liveArn("exposed-key"),
    EXPOSED_KEYS: JSON.stringify(EXPOSED_KEYS_HERE),
    CREDENTIALS: JSON.stringify(settings.credentials ?? []),
    SCHEDULE_SILENT_SECONDS: String(Math.max(300, 10 * settings.rotateEverySeconds)),
    WATCH_LOOK_SECONDS: String(settings.watchSeconds.looks),
    WATCH_PROOF_SECONDS: String(settings.watchSeconds.proofs),
    FLEET_ROLE_IDS: FLEET_ROLE.id,
    FLEET_ACCOUNT: ACCOUNT,
    FLEET_PARTITION: PARTITION,
  };
}

/** Leaves to the account's own policies who may use a key, as CDK's keys do. */
const ACCOUNT_MAY: ResourceStatement = {
  Effect: "Allow",
  Principal: { AWS: [arnAt({ partition: PARTITION, account: ACCOUNT }, "iam", "root")] },
  Action: ["kms:*"],
  Resource: ["*"],
};

function policyOf(Statement: ResourceStatement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

/** The ARN of the KMS key with an alias, made if there is none. */
export async function keyNamed(
  client: KMSClient,
  alias: string,
  spec: KeySpec,
  policy: ResourceStatement[] = [],
): Promise<string> {
  try {
    const found = await client.send(new DescribeKeyCommand({ KeyId: alias }));
    return found.KeyMetadata?.Arn ?? "";
  } catch (error) {
    if (!(error instanceof NotFoundException)) throw error;
  }
  const usage = spec === "HMAC_256" ? "GENERATE_VERIFY_MAC" : "ENCRYPT_DECRYPT";
  const Policy = policyOf([ACCOUNT_MAY, ...policy]);
  const made = await client.send(new CreateKeyCommand({ KeySpec: spec, KeyUsage: usage, Policy }));
  await client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: made.KeyMetadata?.KeyId }));
  return made.KeyMetadata?.Arn ?? "";
}

/** Makes the table of the samples, unless it is there. */
export async function createTimestreamTable(client: TimestreamWriteClient): Promise<void> {
  const place = { DatabaseName: NAMES.timestreamDatabase, TableName: NAMES.timestreamTable };
  await unlessThere(client.send(new CreateDatabaseCommand({ DatabaseName: place.DatabaseName })), ConflictException);
  await unlessThere(client.send(new CreateSeriesTableCommand(place)), ConflictException);
}

/** Makes Keyturn's own bus, unless it is there. */
export async function createBus(client: EventBridgeClient): Promise<void> {
  const bus = new CreateEventBusCommand({ Name: NAMES.eventBus });
  await unlessThere(client.send(bus), ResourceAlreadyExistsException);
}
