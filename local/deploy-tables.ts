import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { AUDIT_INDEX, AUDIT_KEYS } from "../functions/audit/table.ts";
import { FINDINGS_TABLE, OPEN_INDEX } from "../functions/findings/table.ts";
import { INDEX_PROJECTION, INSTANCE_INDEXES, KEY_ATTRIBUTES } from "../functions/record/table.ts";
import { NAMES } from "../infra/wiring.ts";
import { DYNAMODB, TICKETS, USES_INDEX } from "../protocol/index.ts";
import { unlessThere } from "./unless-there.ts";

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
