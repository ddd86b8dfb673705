import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
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
import { AUDIT_INDEX, AUDIT_KEYS } from "../functions/audit/table.ts";
import { FINDINGS_TABLE, OPEN_INDEX } from "../functions/findings/table.ts";
import { INDEX_PROJECTION, INSTANCE_INDEXES, KEY_ATTRIBUTES } from "../functions/record/table.ts";
import type { SettingName } from "../functions/shared/settings.ts";
import type { Arns } from "../infra/rights/arns.ts";
import { tableKeyPolicy, topicPolicy } from "../infra/rights/policies.ts";
import type { ResourceStatement } from "../infra/rights/statement.ts";
import { NAMES } from "../infra/wiring.ts";
import {
  arnAt,
  DYNAMODB,
  type NonceMode,
  SERIES_STORES,
  type SeriesStore,
  TICKETS,
  USES_INDEX,
} from "../protocol/index.ts";
import { arnsHere, FLEET_ROLE, liveArn } from "./roles.ts";

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
export async function deployData(clients: AwsClients, { timeSeries, formerTimeSeries }: LocalSettings): Promise<Arns> {
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
    CREDENTIALS: "[]",
    SCHEDULE_SILENT_SECONDS: String(Math.max(60, 10 * settings.rotateEverySeconds)),
    WATCH_LOOK_SECONDS: String(settings.watchSeconds.looks),
    WATCH_PROOF_SECONDS: String(settings.watchSeconds.proofs),
    FLEET_ROLE_IDS: FLEET_ROLE.id,
    FLEET_ACCOUNT: ACCOUNT,
    FLEET_PARTITION: PARTITION,
  };
}

/** Waits for a creation, and is content when the thing is there already. */
async function unlessThere(creation: Promise<unknown>, isThere: new (...args: never[]) => Error): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof isThere)) throw error;
  }
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

function keySchema(partitionKey: string, sortKey?: string): KeySchemaElement[] {
  return [
    { AttributeName: partitionKey, KeyType: "HASH" },
    ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: "RANGE" as const }]),
  ];
}

/** Makes the table of the records, unless it is there. */
export async function createInstanceTable(client: DynamoDBClient, tableKey: string): Promise<void> {
  await createTable(client, tableKey, {
    TableName: NAMES.instanceTable,
    KeySchema: keySchema("id"),
    AttributeDefinitions: Object.entries(KEY_ATTRIBUTES).map(([name, type]) => ({
      AttributeName: name,
      AttributeType: type,
    })),
    GlobalSecondaryIndexes: Object.entries(INSTANCE_INDEXES).map(([IndexName, index]) => ({
      IndexName,
      KeySchema: keySchema(index.partitionKey, "sortKey" in index ? index.sortKey : undefined),
      Projection: { ProjectionType: INDEX_PROJECTION },
    })),
  });
}

/** Makes the table of the audit lines and seals, unless it is there. */
export async function createAuditTable(client: DynamoDBClient, tableKey: string): Promise<void> {
  const keys = [AUDIT_KEYS.partitionKey, AUDIT_KEYS.sortKey, AUDIT_INDEX.partitionKey];
  await createTable(client, tableKey, {
    TableName: NAMES.auditTable,
    KeySchema: keySchema(AUDIT_KEYS.partitionKey.name, AUDIT_KEYS.sortKey.name),
    AttributeDefinitions: keys.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    GlobalSecondaryIndexes: [
      {
        IndexName: AUDIT_INDEX.name,
        KeySchema: keySchema(AUDIT_INDEX.partitionKey.name),
        Projection: { ProjectionType: AUDIT_INDEX.projection },
      },
    ],
  });
}

/** Makes the table of the findings, unless it is there. */
export async function createFindingTable(client: DynamoDBClient, tableKey: string): Promise<void> {
  const keys = [FINDINGS_TABLE.partitionKey, FINDINGS_TABLE.sortKey, OPEN_INDEX.partitionKey, OPEN_INDEX.sortKey];
  await createTable(client, tableKey, {
    TableName: NAMES.findingTable,
    KeySchema: keySchema(FINDINGS_TABLE.partitionKey.name, FINDINGS_TABLE.sortKey.name),
    AttributeDefinitions: keys.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    GlobalSecondaryIndexes: [
      {
        IndexName: OPEN_INDEX.name,
        KeySchema: keySchema(OPEN_INDEX.partitionKey.name, OPEN_INDEX.sortKey.name),
        Projection: { ProjectionType: "ALL" },
      },
    ],
  });
}

/** Makes the table of the tickets, unless it is there. */
export async function createTicketTable(client: DynamoDBClient, tableKey: string): Promise<void> {
  const { partitionKey, sortKey } = TICKETS;
  await createTable(client, tableKey, {
    TableName: NAMES.ticketTable,
    KeySchema: keySchema(partitionKey.name, sortKey.name),
    AttributeDefinitions: [partitionKey, sortKey].map(({ name, type }) => ({
      AttributeName: name,
      AttributeType: type,
    })),
  });
}

/**
 * Makes the table of the samples and use proofs, unless it is there. One that an earlier version left has no index of the
 * uses, and none is made of a table that is there: it is made anew. What was in it is worth minutes.
 */
export async function createSeriesTable(client: DynamoDBClient, tableKey: string): Promise<void> {
  const TableName = NAMES.seriesTable;
  const table: CreateTableCommandInput = {
    TableName,
    KeySchema: keySchema(DYNAMODB.partitionKey.name, DYNAMODB.sortKey.name),
    AttributeDefinitions: [DYNAMODB.partitionKey, DYNAMODB.sortKey, USES_INDEX.partitionKey, USES_INDEX.sortKey].map(
      ({ name, type }) => ({ AttributeName: name, AttributeType: type }),
    ),
    GlobalSecondaryIndexes: [
      {
        IndexName: USES_INDEX.name,
        KeySchema: keySchema(USES_INDEX.partitionKey.name, USES_INDEX.sortKey.name),
        Projection: { ProjectionType: USES_INDEX.projection },
      },
    ],
  };
  await createTable(client, tableKey, table);
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  if (Table?.GlobalSecondaryIndexes?.some(({ IndexName }) => IndexName === USES_INDEX.name)) return;
  await client.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists({ client, minDelay: 1, maxWaitTime: 10 }, { TableName });
  await createTable(client, tableKey, table);
}

async function createTable(
  client: DynamoDBClient,
  KMSMasterKeyId: string,
  table: CreateTableCommandInput,
): Promise<void> {
  const SSESpecification = { Enabled: true, SSEType: "KMS", KMSMasterKeyId } as const;
  await unlessThere(
    client.send(new CreateTableCommand({ BillingMode: "PAY_PER_REQUEST", SSESpecification, ...table })),
    ResourceInUseException,
  );
  await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 10 }, { TableName: table.TableName });
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
