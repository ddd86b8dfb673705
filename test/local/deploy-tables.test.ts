import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { type EmbeddedAws, startAws } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NAMES } from "../../infra/wiring.ts";
import { keyNamed } from "../../local/deploy-data.ts";
import { createSeriesTable } from "../../local/deploy-tables.ts";
import { DYNAMODB } from "../../protocol/index.ts";

const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
let aws: EmbeddedAws | undefined;
let client: DynamoDBClient;
let key: string;
beforeAll(async () => {
  aws = await startAws({ folder });
  aws.resume();
  const { endpoint, region, credentials } = aws;
  client = new DynamoDBClient({ endpoint, region, credentials });
  key = await keyNamed(new KMSClient({ endpoint, region, credentials }), NAMES.tableKey, "SYMMETRIC_DEFAULT");
});
afterAll(async () => {
  await aws?.close();
  rmSync(folder, { recursive: true });
});

const TableName = NAMES.seriesTable;
const Key = { [DYNAMODB.partitionKey.name]: { S: "arn" }, [DYNAMODB.sortKey.name]: { S: "key" } };

test("a table of samples that an earlier version left gets its index, and then stays with what is in it", async () => {
  const keys = [DYNAMODB.partitionKey, DYNAMODB.sortKey];
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: keys.map(({ name }, place) => ({ AttributeName: name, KeyType: place === 0 ? "HASH" : "RANGE" })),
      AttributeDefinitions: keys.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    }),
  );
  await createSeriesTable(client, key);
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table?.GlobalSecondaryIndexes).toMatchObject([
    { IndexName: "bySecret", Projection: { ProjectionType: "ALL" } },
  ]);
  await client.send(new PutItemCommand({ TableName, Item: Key }));
  await createSeriesTable(client, key);
  expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toEqual(Key);
});
