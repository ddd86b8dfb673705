import {
  type AttributeValue,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  type TableDescription,
  UpdateItemCommand,
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
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table?.ProvisionedThroughput).toMatchObject(ProvisionedThroughput);
  await client.send(new DeleteTableCommand({ TableName }));
  await expect(statusOf(TableName)).rejects.toMatchObject(missing);
});

test("an update to what holds anyway answers the table as it is", async () => {
  const TableName = await created("test-unprotected");
  const unprotect = new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false });
  expect((await client.send(unprotect)).TableDescription).toMatchObject({ TableName, TableStatus: "ACTIVE" });
  const protect = new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true });
  await expect(client.send(protect)).rejects.toMatchObject(invalid("'DeletionProtectionEnabled'"));
  await expect(client.send(new UpdateTableCommand({ TableName }))).rejects.toThrow("At least one of");
});

const index = (name: string) => ({
  IndexName: `by-${name}`,
  KeySchema: [{ AttributeName: name, KeyType: "HASH" as const }],
  Projection: { ProjectionType: "ALL" as const },
});

/** Asks without the network between, which would give a table its time. */
async function askAtOnce(operation: string, input: object): Promise<{ Table?: TableDescription }> {
  const headers = { "x-amz-target": `DynamoDB_20120810.${operation}` };
  const body = Buffer.from(JSON.stringify(input));
  const answer = await service.handle({ method: "POST", url: "/", headers, body });
  if (answer.status !== 200) throw new Error(String(answer.body));
  return JSON.parse(String(answer.body));
}

test("a table and its indexes are there when they were made, and gone when they were deleted", async () => {
  const TableName = "test-made";
  for (let n = 0; n < 5; n += 1) {
    await askAtOnce("CreateTable", {
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: ["id", "a", "b"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      GlobalSecondaryIndexes: [index("a"), index("b")],
    });
    const { Table } = await askAtOnce("DescribeTable", { TableName });
    const statuses = [Table?.TableStatus, ...(Table?.GlobalSecondaryIndexes ?? []).map((one) => one.IndexStatus)];
    expect(statuses).toEqual(["ACTIVE", "ACTIVE", "ACTIVE"]);
    await askAtOnce("PutItem", { TableName, Item: { id: { S: "1" }, a: { S: "1" } } });
    await askAtOnce("DeleteTable", { TableName });
  }
});

const keyed = async (TableName: string) => {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "id", KeyType: "HASH" },
        { AttributeName: "range", KeyType: "RANGE" },
      ],
      AttributeDefinitions: ["id", "range", "a"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      GlobalSecondaryIndexes: [index("a")],
    }),
  );
  return {
    put: (Item: Record<string, AttributeValue>) => client.send(new PutItemCommand({ TableName, Item })),
    get: (Key: Record<string, AttributeValue>) => client.send(new GetItemCommand({ TableName, Key })),
    set: (UpdateExpression: string, values?: Record<string, AttributeValue>) =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: { id: { S: "1" }, range: { S: "1" } },
          UpdateExpression,
          ...(values && { ExpressionAttributeValues: values }),
        }),
      ),
    ask: (name: string, value: string) =>
      client.send(
        new QueryCommand({
          TableName,
          ...(name === "a" && { IndexName: "by-a" }),
          KeyConditionExpression: `${name} = :value`,
          ExpressionAttributeValues: { ":value": { S: value } },
        }),
      ),
    scan: () => client.send(new ScanCommand({ TableName, IndexName: "by-a", ConsistentRead: true })),
  };
};
const S = (text: string): AttributeValue => ({ S: text });
const invalid = (message: string) => ({ name: "ValidationException", message: expect.stringContaining(message) });

test("an index's key cannot be empty, however it got there", async () => {
  const { put, set, ask } = await keyed("test-empty");
  const key = { id: S("1"), range: S("1") };
  await expect(put({ ...key, a: S("") })).rejects.toMatchObject(
    invalid("cannot contain an empty string value. IndexName: by-a, IndexKey: a"),
  );
  await put({ ...key, plain: S("") });
  for (const update of [() => set("SET a = :no", { ":no": S("") }), () => set("SET a = plain")]) {
    await expect(update()).rejects.toMatchObject(
      invalid("The update expression attempted to update a secondary index"),
    );
  }
  for (const name of ["a", "id"]) {
    await expect(ask(name, "")).rejects.toMatchObject(invalid(`cannot contain an empty string value. Key: ${name}`));
  }
  await set("SET a = :yes", { ":yes": S("x") });
  expect((await ask("a", "x")).Items).toHaveLength(1);
});

test("keys are measured in bytes of UTF-8", async () => {
  const { put, get, set, ask } = await keyed("test-sizes");
  const hash = invalid("exceeded the maximum size limit of2048 bytes");
  const long = S("é".repeat(1025));
  for (const asked of [
    () => put({ id: long, range: S("1") }),
    () => put({ id: S("1"), range: S("1"), a: long }),
    () => get({ id: long, range: S("1") }),
    () => set("SET a = :long", { ":long": long }),
    () => ask("a", "é".repeat(1025)),
  ]) {
    await expect(asked()).rejects.toMatchObject(hash);
  }
  await expect(put({ id: S("1"), range: S("é".repeat(513)) })).rejects.toMatchObject(invalid("limit of 1024 bytes"));
  await put({ id: S("é".repeat(1024)), range: S("é".repeat(512)), a: S("é".repeat(1024)) });
});

test("an index is not read consistently, by Scan either", async () => {
  const { scan } = await keyed("test-consistent");
  await expect(scan()).rejects.toMatchObject(invalid("Consistent reads are not supported on global secondary indexes"));
});

test("a table that is not there is neither altered nor deleted", async () => {
  const TableName = "test-none";
  await expect(client.send(new DeleteTableCommand({ TableName }))).rejects.toMatchObject(missing);
  const update = new UpdateTableCommand({ TableName, BillingMode: "PAY_PER_REQUEST" });
  await expect(client.send(update)).rejects.toMatchObject(missing);
});
