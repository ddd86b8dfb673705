import {
  type AttributeValue,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  type Projection,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DynamoDb } from "../../src/dynamodb/dynamodb.ts";
import type { Statement } from "../../src/iam/statement.ts";
import { type Embedded, instancePrincipal, startEmbedded } from "../http/embedded.ts";

const TABLE = "test-instances";
const SERIES = "test-samples";
/** As AWS is told that an instance may put only items of its own partition. */
const PUT_OWN: Statement = {
  Effect: "Allow",
  Action: ["dynamodb:PutItem"],
  Resource: [`arn:aws:dynamodb:us-east-1:000000000000:table/${SERIES}`],
  Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": "${ec2:SourceInstanceARN}" } },
};

let aws: Embedded;
let service: DynamoDb;
let client: DynamoDBClient;

beforeAll(async () => {
  aws = await startEmbedded(
    (parts) => {
      service = new DynamoDb(parts);
      return [service];
    },
    { statements: [PUT_OWN] },
  );
  await service.start();
  client = new DynamoDBClient(aws.config);
  await create(TABLE, "id");
  await create(SERIES, "instance");
});
afterAll(async () => {
  await aws.close();
  await service.close();
});

async function create(table: string, key: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: key, KeyType: "HASH" }],
      AttributeDefinitions: [
        { AttributeName: key, AttributeType: "S" },
        { AttributeName: "ec2InstanceId", AttributeType: "S" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-ec2-instance",
          KeySchema: [{ AttributeName: "ec2InstanceId", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
}

const put = (item: Record<string, AttributeValue>, condition?: string) =>
  client.send(
    new PutItemCommand({
      TableName: TABLE,
      Item: item,
      ...(condition !== undefined && { ConditionExpression: condition }),
    }),
  );

const get = async (id: string) =>
  (await client.send(new GetItemCommand({ TableName: TABLE, Key: { id: { S: id } }, ConsistentRead: true }))).Item;

test("a table is described and listed", async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: TABLE }));
  expect(Table).toMatchObject({
    TableArn: expect.stringMatching(new RegExp(`^arn:aws:dynamodb:us-east-1:\\d{12}:table/${TABLE}$`)),
    BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
    CreationDateTime: expect.any(Date),
  });
  expect((await client.send(new ListTablesCommand({}))).TableNames).toContain(TABLE);
});

test("a conditional put succeeds once", async () => {
  const item = { id: { S: "once" }, n: { N: "1" } };
  await put(item, "attribute_not_exists(id)");
  await expect(put({ ...item, n: { N: "2" } }, "attribute_not_exists(id)")).rejects.toMatchObject({
    name: "ConditionalCheckFailedException",
    message: "The conditional request failed",
    $metadata: { httpStatusCode: 400 },
  });
  expect(await get("once")).toEqual(item);
});

test("of many conditional updates at once exactly one succeeds", async () => {
  await put({ id: { S: "race" }, generation: { N: "1" } });
  const update = (by: string) =>
    client.send(
      new UpdateItemCommand({
        TableName: TABLE,
        Key: { id: { S: "race" } },
        UpdateExpression: "SET generation = :next, #by = :by",
        ConditionExpression: "generation = :seen",
        ExpressionAttributeNames: { "#by": "by" },
        ExpressionAttributeValues: { ":next": { N: "2" }, ":seen": { N: "1" }, ":by": { S: by } },
        ReturnValues: "ALL_NEW",
      }),
    );
  const results = await Promise.allSettled(["a", "b", "c", "d", "e"].map(update));
  const winners = results.flatMap((result) => (result.status === "fulfilled" ? [result.value.Attributes] : []));
  expect(winners).toHaveLength(1);
  expect(await get("race")).toEqual(winners[0]);
});

test("nested attributes are set, tested and removed by path", async () => {
  await put({ id: { S: "nested" }, current: { M: { generation: { N: "1" }, nonce: { S: "x" } } } });
  await client.send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: { id: { S: "nested" } },
      UpdateExpression: "SET #current.generation = :two REMOVE #current.nonce",
      ConditionExpression: "#current.generation = :one AND attribute_exists(#current.nonce)",
      ExpressionAttributeNames: { "#current": "current" },
      ExpressionAttributeValues: { ":one": { N: "1" }, ":two": { N: "2" } },
    }),
  );
  expect(await get("nested")).toEqual({ id: { S: "nested" }, current: { M: { generation: { N: "2" } } } });
});

test("one update moves values to another place and removes where they were", async () => {
  const pending = { M: { generation: { N: "2" }, nonce: { S: "y" } } };
  await put({ id: { S: "moved" }, current: { M: { generation: { N: "1" } } }, pending });
  const { Attributes } = await client.send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: { id: { S: "moved" } },
      UpdateExpression: "SET #current.generation = pending.generation, #current.nonce = pending.nonce REMOVE pending",
      ConditionExpression: "pending.nonce = :nonce",
      ExpressionAttributeNames: { "#current": "current" },
      ExpressionAttributeValues: { ":nonce": { S: "y" } },
      ReturnValues: "ALL_NEW",
    }),
  );
  expect(Attributes).toEqual({ id: { S: "moved" }, current: pending });
  expect(await get("moved")).toEqual(Attributes);
});

test("an item is found by an index, and no more when it is deleted", async () => {
  await put({ id: { S: "indexed" }, ec2InstanceId: { S: "i-1" } });
  const query = () =>
    client.send(
      new QueryCommand({
        TableName: TABLE,
        IndexName: "by-ec2-instance",
        KeyConditionExpression: "ec2InstanceId = :one",
        ExpressionAttributeValues: { ":one": { S: "i-1" } },
      }),
    );
  expect((await query()).Items).toEqual([{ id: { S: "indexed" }, ec2InstanceId: { S: "i-1" } }]);
});

test("an index has what its projection names, is asked for no more, and is never read consistently", async () => {
  const TableName = "test-projections";
  const by = (name: string, Projection: Projection) => ({
    ...{ IndexName: `by-${name}`, Projection },
    KeySchema: [{ AttributeName: name, KeyType: "HASH" as const }],
  });
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: ["id", "a", "b"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      GlobalSecondaryIndexes: [
        by("a", { ProjectionType: "KEYS_ONLY" }),
        by("b", { ProjectionType: "INCLUDE", NonKeyAttributes: ["c"] }),
      ],
    }),
  );
  const [id, a, b, c, d] = ["1", "2", "3", "4", "5"].map((S) => ({ S }));
  await client.send(new PutItemCommand({ TableName, Item: { id, a, b, c, d } as Record<string, AttributeValue> }));
  const read = (name: string, more: Partial<QueryCommandInput> = {}) =>
    client.send(
      new QueryCommand({
        ...{ TableName, IndexName: `by-${name}`, KeyConditionExpression: `${name} = :it` },
        ...more,
        ExpressionAttributeValues: { ":it": { S: name === "a" ? "2" : "3" }, ...more.ExpressionAttributeValues },
      }),
    );
  const scan = (more: Partial<ScanCommandInput>) =>
    client.send(new ScanCommand({ TableName, IndexName: "by-a", ...more }));

  expect((await read("a")).Items).toEqual([{ id, a }]);
  expect((await read("b")).Items).toEqual([{ id, b, c }]);
  expect((await read("b", { ProjectionExpression: "id, c" })).Items).toEqual([{ id, c }]);
  expect((await scan({})).Items).toEqual([{ id, a }]);

  const refused = (message: string) => ({ name: "ValidationException", message: expect.stringContaining(message) });
  const notProjected = (attributes: string) => refused(`Global secondary index by-a does not project [${attributes}]`);
  await expect(read("a", { ConsistentRead: true })).rejects.toMatchObject(refused("Consistent reads"));
  await expect(read("a", { ProjectionExpression: "id, c.e, d" })).rejects.toMatchObject(notProjected("c, d"));
  await expect(scan({ AttributesToGet: ["d"] })).rejects.toMatchObject(notProjected("d"));
  await expect(read("a", { Select: "ALL_ATTRIBUTES" })).rejects.toMatchObject(refused("ALL_ATTRIBUTES"));
  const filter = { FilterExpression: "d = :d", ExpressionAttributeValues: { ":d": { S: "5" } } };
  const notFiltered = refused("Secondary index by-a does not project one or more filter attributes: [d]");
  await expect(read("a", filter)).rejects.toMatchObject(notFiltered);
  await expect(scan(filter)).rejects.toMatchObject(notFiltered);
});

test("a scan in pages sees every item once", async () => {
  for (let n = 0; n < 7; n += 1) await put({ id: { S: `page-${n}` }, paged: { BOOL: true } });
  const seen: (string | undefined)[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({ TableName: TABLE, Limit: 2, ...(start && { ExclusiveStartKey: start }) }),
    );
    expect(page.ScannedCount).toBeLessThanOrEqual(2);
    seen.push(...(page.Items ?? []).map((item) => item.id?.S));
    start = page.LastEvaluatedKey;
  } while (start);
  expect(seen.filter((id) => id?.startsWith("page-")).sort()).toEqual(Array.from({ length: 7 }, (_, n) => `page-${n}`));
});

test("what is malformed, or not there, is refused in DynamoDB's words", async () => {
  await expect(put({ name: { S: "no key" } })).rejects.toMatchObject({ name: "ValidationException" });
  await expect(put({ id: { S: "a" } }, "not an expression (")).rejects.toMatchObject({ name: "ValidationException" });
  const missing = new GetItemCommand({ TableName: "test-none", Key: { id: { S: "a" } } });
  await expect(client.send(missing)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

test("what dynalite would ignore is refused, with a sentence in the log", async () => {
  const item = { id: { S: "ignored" } };
  const ask = new PutItemCommand({ TableName: TABLE, Item: item, ReturnValuesOnConditionCheckFailure: "ALL_OLD" });
  await expect(client.send(ask)).rejects.toMatchObject({ name: "ValidationException" });
  expect(aws.log.at(-1)).toContain("ReturnValuesOnConditionCheckFailure");
  const transaction = new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: TABLE, Item: item } }] });
  await expect(client.send(transaction)).rejects.toMatchObject({ name: "UnknownOperationException" });
  expect(aws.log.at(-1)).toContain("TransactWriteItems");
  expect(await get("ignored")).toBeUndefined();
});

test("an instance may put only items of its own partition, and those into that table alone", async () => {
  const instance = new DynamoDBClient(aws.configFor(instancePrincipal("i-0a1b2c3d")));
  const denied = { name: "AccessDeniedException" };
  const arn = (of: string) => ({ S: `arn:aws:ec2:us-east-1:000000000000:instance/${of}` });
  const sample = (of: string, TableName = SERIES) => new PutItemCommand({ TableName, Item: { instance: arn(of) } });
  await instance.send(sample("i-0a1b2c3d"));
  await expect(instance.send(sample("i-0a1b2c3e"))).rejects.toMatchObject(denied);
  await expect(instance.send(sample("i-0a1b2c3d", "test-none"))).rejects.toMatchObject(denied);
  const other = new PutItemCommand({ TableName: TABLE, Item: { id: arn("i-0a1b2c3d") } });
  await expect(instance.send(other)).rejects.toMatchObject(denied);
  await expect(instance.send(new ScanCommand({ TableName: SERIES }))).rejects.toMatchObject(denied);
});
