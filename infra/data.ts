import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as kms from "aws-cdk-lib/aws-kms";
import * as timestream from "aws-cdk-lib/aws-timestream";
import { Construct } from "constructs";
import { AUDIT_INDEX, AUDIT_KEYS } from "../functions/audit/table.ts";
import { FINDINGS_TABLE, OPEN_INDEX } from "../functions/findings/table.ts";
import { INDEX_PROJECTION, INSTANCE_INDEXES, KEY_ATTRIBUTES } from "../functions/record/table.ts";
import { DYNAMODB, SAMPLES_KEPT_DAYS, TICKETS, USES_INDEX } from "../protocol/index.ts";
import { namesIn } from "./in-stack.ts";
import type { Part } from "./parts.ts";
import type { Settings } from "./settings.ts";

/** How long Timestream keeps samples in memory, where verification reads them, and on disk. */
const SAMPLES_IN_MEMORY = Duration.hours(24);
const SAMPLES_ON_DISK = Duration.days(SAMPLES_KEPT_DAYS);

/** What is kept beyond the stack; not what a deployment has made that failed, or it could not be repeated. */
const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** A key of a table or of an index, as CDK takes it. */
function keyOf({ name, type }: { name: string; type: keyof typeof TYPES }): dynamodb.Attribute {
  return { name, type: TYPES[type] };
}

const TYPES = { S: dynamodb.AttributeType.STRING, N: dynamodb.AttributeType.NUMBER } as const;

/**
 * Keys, records, tickets and samples. Key material is encrypted under a KMS key of its own before it is written, so that who may
 * read the table, and use the key of the table, still cannot read a key.
 */
export class Data extends Construct {
  private readonly names = namesIn(this);
  readonly tableKey: kms.Key;
  /** The records; of exposed keys alone there are none, and the watch finds none. */
  readonly instanceTable: dynamodb.Table;
  readonly auditTable: dynamodb.Table;
  readonly findingTable: dynamodb.Table;
  /** What only a fleet needs. */
  readonly fleet: { keyMaterialKey: kms.Key; nonceKey: kms.Key; ticketTable: dynamodb.Table } | undefined;
  /** The table with the samples, in each store that the settings name. */
  readonly series: { timestream?: timestream.CfnTable; dynamodb?: dynamodb.Table };
  /** Whether a table refuses to be deleted, also by CloudFormation when it takes a failed deployment back. */
  private readonly isProtected: boolean;

  /** @param isFirst whether this is the first deployment, of which a failure must leave nothing behind */
  constructor(
    scope: Construct,
    id: string,
    { settings, parts, isFirst }: { settings: Settings; parts: readonly Part[]; isFirst: boolean },
  ) {
    super(scope, id);
    this.isProtected = !isFirst;
    this.tableKey = new kms.Key(this, "TableKey", {
      description: `${this.names.title}: encrypts tables, samples and alert mail at rest`,
      alias: this.names.tableKey,
      enableKeyRotation: true,
      removalPolicy: KEPT,
    });
    this.instanceTable = this.makeInstanceTable();
    this.auditTable = this.makeAuditTable();
    this.findingTable = this.makeFindingTable();
    const hasFleet = parts.includes("fleet");
    this.fleet = hasFleet ? { ...this.makeFleetKeys(), ticketTable: this.makeTicketTable() } : undefined;
    const stores = hasFleet ? [settings.timeSeries, settings.formerTimeSeries] : [];
    this.series = {
      ...(stores.includes("timestream") && { timestream: this.makeTimestream() }),
      ...(stores.includes("dynamodb") && { dynamodb: this.makeSeriesTable() }),
    };
  }

  private makeFleetKeys() {
    const keyMaterialKey = new kms.Key(this, "KeyMaterialKey", {
      description: `${this.names.title}: encrypts the instances' keys in their records`,
      alias: this.names.keyMaterialKey,
      enableKeyRotation: true,
      removalPolicy: KEPT,
    });
    // KMS cannot rotate HMAC keys, and must not: a nonce that is derived again has to be the same.
    const nonceKey = new kms.Key(this, "NonceKey", {
      description: `${this.names.title}: computes the nonces that successors are derived with`,
      alias: this.names.nonceKey,
      keySpec: kms.KeySpec.HMAC_256,
      keyUsage: kms.KeyUsage.GENERATE_VERIFY_MAC,
      removalPolicy: KEPT,
    });
    return { keyMaterialKey, nonceKey };
  }

  private makeInstanceTable(): dynamodb.Table {
    const attribute = (name: keyof typeof KEY_ATTRIBUTES) => ({ name, type: TYPES[KEY_ATTRIBUTES[name]] });
    const table = new dynamodb.Table(this, "InstanceTable", {
      tableName: this.names.instanceTable,
      partitionKey: attribute("id"),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.tableKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: this.isProtected,
      removalPolicy: KEPT,
      // Only items beside the records have it: counts of refused registrations, and what is known of hosts that have ended.
      timeToLiveAttribute: "expiresAt",
    });
    for (const [indexName, index] of Object.entries(INSTANCE_INDEXES)) {
      table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: attribute(index.partitionKey),
        ...("sortKey" in index && { sortKey: attribute(index.sortKey) }),
        projectionType: dynamodb.ProjectionType[INDEX_PROJECTION],
      });
    }
    return table;
  }

  private makeAuditTable(): dynamodb.Table {
    const table = new dynamodb.Table(this, "AuditTable", {
      tableName: this.names.auditTable,
      partitionKey: keyOf(AUDIT_KEYS.partitionKey),
      sortKey: keyOf(AUDIT_KEYS.sortKey),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.tableKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: this.isProtected,
      removalPolicy: KEPT,
    });
    table.addGlobalSecondaryIndex({
      indexName: AUDIT_INDEX.name,
      partitionKey: keyOf(AUDIT_INDEX.partitionKey),
      projectionType: dynamodb.ProjectionType[AUDIT_INDEX.projection],
    });
    return table;
  }

  private makeFindingTable(): dynamodb.Table {
    const table = new dynamodb.Table(this, "FindingTable", {
      tableName: this.names.findingTable,
      partitionKey: keyOf(FINDINGS_TABLE.partitionKey),
      sortKey: keyOf(FINDINGS_TABLE.sortKey),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.tableKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: FINDINGS_TABLE.expiry,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    table.addGlobalSecondaryIndex({
      indexName: OPEN_INDEX.name,
      partitionKey: keyOf(OPEN_INDEX.partitionKey),
      sortKey: keyOf(OPEN_INDEX.sortKey),
      projectionType: dynamodb.ProjectionType.ALL,
    });
    return table;
  }

  private makeTicketTable(): dynamodb.Table {
    // A push writes its ticket anew, from the record: it is neither backed up nor kept. An old one restored is no use.
    return new dynamodb.Table(this, "TicketTable", {
      tableName: this.names.ticketTable,
      partitionKey: keyOf(TICKETS.partitionKey),
      sortKey: keyOf(TICKETS.sortKey),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.tableKey,
      timeToLiveAttribute: TICKETS.expiry,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  private makeTimestream(): timestream.CfnTable {
    const database = new timestream.CfnDatabase(this, "SampleDatabase", {
      databaseName: this.names.timestreamDatabase,
      kmsKeyId: this.tableKey.keyId,
    });
    const table = new timestream.CfnTable(this, "SampleTable", {
      databaseName: this.names.timestreamDatabase,
      tableName: this.names.timestreamTable,
      // Written as CloudFormation spells it: these two properties are handed on as they stand.
      retentionProperties: {
        MemoryStoreRetentionPeriodInHours: String(SAMPLES_IN_MEMORY.toHours()),
        MagneticStoreRetentionPeriodInDays: String(SAMPLES_ON_DISK.toDays()),
      },
      magneticStoreWriteProperties: { EnableMagneticStoreWrites: false },
    });
    table.addResourceDependency(database);
    return table;
  }

  private makeSeriesTable(): dynamodb.Table {
    // What is in it is worth minutes: it is neither backed up nor kept.
    const table = new dynamodb.Table(this, "SeriesTable", {
      tableName: this.names.seriesTable,
      partitionKey: keyOf(DYNAMODB.partitionKey),
      sortKey: keyOf(DYNAMODB.sortKey),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.tableKey,
      timeToLiveAttribute: DYNAMODB.expiry,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    table.addGlobalSecondaryIndex({
      indexName: USES_INDEX.name,
      partitionKey: keyOf(USES_INDEX.partitionKey),
      sortKey: keyOf(USES_INDEX.sortKey),
      projectionType: dynamodb.ProjectionType[USES_INDEX.projection],
    });
    return table;
  }
}
