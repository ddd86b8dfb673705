import { type AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { dynamoUses } from "../../../functions/clients/uses.dynamodb.ts";
import { useItemOf } from "../../../protocol/index.ts";
import { EC2, hex64Of, NOW } from "../support.ts";
import { answering, json } from "./answering.ts";

const WINDOW = { from: NOW - 1000.5, to: NOW };
const PLACE = { partition: "aws", region: "us-east-1", account: "000000000000" };
const USE = {
  ...{ ec2InstanceId: EC2, secret: "orders/db", consumer: "web-1", versionId: "7d9b318d-7543-4923-813d-660b51a4553f" },
  ...{ timeMs: NOW, proof: hex64Of("proof") },
};

/** The item of a use of which some attributes are others: any instance may write any under its own ARN. */
function item(change: Record<string, AttributeValue | undefined> = {}) {
  const { instanceArn, idAndTime, secret, timeMs, proof } = useItemOf(USE, PLACE);
  const texts = Object.entries({ instanceArn, idAndTime, secret, proof }).map(([name, S]) => [name, { S }]);
  return { ...Object.fromEntries(texts), timeMs: { N: String(timeMs) }, ...change };
}

const read = (pages: object[], asked: string[] = []) =>
  dynamoUses(new DynamoDBClient(answering(pages.map(json), asked)), { table: "samples" }).of("orders/db", WINDOW);

test("the index is asked for the newest of the window, page by page", async () => {
  const asked: string[] = [];
  const key = { secret: { S: "orders/db" } };
  expect(await read([{ Items: [], LastEvaluatedKey: key }, { Items: [item()] }], asked)).toEqual([USE]);
  expect(asked.map((body) => JSON.parse(body))).toMatchObject([
    {
      TableName: "samples",
      IndexName: "bySecret",
      ScanIndexForward: false,
      ExpressionAttributeValues: {
        ":secret": { S: "orders/db" },
        ":from": { N: `${NOW - 1000}` },
        ":to": { N: `${NOW}` },
      },
    },
    { ExclusiveStartKey: key },
  ]);
});

test.each<[string, Record<string, AttributeValue | undefined>]>([
  ["the key of a use of another secret", { idAndTime: { S: `use#orders/other#web-1#${USE.versionId}` } }],
  ["the key of a sample", { idAndTime: { S: "0a1b2c#1763596800123" } }],
  ["a number that JavaScript has not", { timeMs: { N: "9007199254740993.5" } }],
  ["a time before 1970", { timeMs: { N: "-1" } }],
  ["no proof", { proof: undefined }],
  ["a proof as bytes", { proof: { B: new Uint8Array([1]) } }],
  ["the partition of nobody", { instanceArn: { S: "arn:aws:ec2:us-east-1:000000000000:volume/vol-1" } }],
])("an item with %s is passed over, and the others are read", async (_, change) => {
  expect(await read([{ Items: [item(change), item()] }])).toEqual([USE]);
});

test("what else an item holds does not matter, a number that JavaScript has not included", async () => {
  expect(await read([{ Items: [item({ other: { NS: ["9007199254740993.5"] } })] }])).toEqual([USE]);
});

test("items that are so large that there is no end of pages are told of, and none is left out in silence", async () => {
  const asked: string[] = [];
  const page = { Items: [item()], LastEvaluatedKey: item() };
  await expect(read([page], asked)).rejects.toMatchObject({ name: "TooManyUses" });
  expect(asked).toHaveLength(20);
  const pages = Array.from({ length: 19 }, () => page);
  expect(await read([...pages, { Items: [item()] }])).toHaveLength(20);
});
