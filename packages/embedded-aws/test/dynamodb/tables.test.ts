import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DynamoDb } from "../../src/dynamodb/dynamodb.ts";
import { type Embedded, startEmbedded } from "../http/embedded.ts";

let aws: Embedded;
let service: DynamoDb;
let client: DynamoDBClient;

beforeAll(async () => {
  aws = await startEmbedded((parts) => {
    service = new DynamoDb(parts);
    return [service];
  });
  await service.start();
  client = new DynamoDBClient(aws.config);
});
afterAll(async () => {
  await aws.close();
  await service.close();
});

async function created(TableName: string): Promise<string> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
  await expect.poll(() => statusOf(TableName)).toBe("ACTIVE");
  return TableName;
}

async function statusOf(TableName: string): Promise<string | undefined> {
  return (await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus;
}

const missing = { name: "ResourceNotFoundException" };

test("a table's way of paying is altered, and the table deleted", async () => {
  const TableName = await created("test-tables");
  const ProvisionedThroughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 };
  await client.send(new UpdateTableCommand({ TableName, BillingMode: "PROVISIONED", ProvisionedThroughput }));
  await expect.poll(() => statusOf(TableName)).toBe("ACTIVE");
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table?.ProvisionedThroughput).toMatchObject(ProvisionedThroughput);
  await client.send(new DeleteTableCommand({ TableName }));
  await expect.poll(() => statusOf(TableName).catch(({ name }: Error) => name)).toBe(missing.name);
});

test("a table that is not there is neither altered nor deleted", async () => {
  const TableName = "test-none";
  await expect(client.send(new DeleteTableCommand({ TableName }))).rejects.toMatchObject(missing);
  const update = new UpdateTableCommand({ TableName, BillingMode: "PAY_PER_REQUEST" });
  await expect(client.send(update)).rejects.toMatchObject(missing);
});
