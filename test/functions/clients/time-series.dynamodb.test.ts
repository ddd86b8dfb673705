import { Readable } from "node:stream";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { dynamoSeries } from "../../../functions/clients/time-series.dynamodb.ts";
import { seriesKey } from "../../../protocol/index.ts";
import { EC2, hex64Of, ID, NOW } from "../support.ts";

const PLACE = { table: "samples", partition: "aws", account: "000000000000" };
const HASH = hex64Of("hash");
const item = (timeMs: number, more: object = {}) => ({
  ...{ idAndTime: { S: seriesKey({ id: ID, timeMs }) }, generation: { N: "1" }, hash: { S: HASH } },
  ...more,
});

/** A DynamoDB that answers with these: any instance may write any attributes under its own ARN. */
function answering(...Items: object[]) {
  const client = new DynamoDBClient({
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
    requestHandler: {
      handle: async () => ({
        response: { statusCode: 200, headers: {}, body: Readable.from([JSON.stringify({ Items })]) },
      }),
    },
  });
  return dynamoSeries(client, PLACE);
}

const read = (...items: object[]) =>
  answering(...items).read({ id: ID, ec2InstanceId: EC2, from: NOW - 1000, to: NOW, limit: 5 });

const honest = { timeMs: NOW, generation: 1, hash: HASH };

test.each<[string, object]>([
  ["a number that JavaScript has not", { generation: { N: "9007199254740993.5" } }],
  ["a generation as text", { generation: { S: "1" } }],
  ["a generation in hexadecimal", { generation: { S: "0x2" } }],
  ["a generation that is true", { generation: { BOOL: true } }],
  ["a generation in a list", { generation: { L: [{ N: "3" }] } }],
  ["a fraction", { generation: { N: "1.5" } }],
  ["a generation of zero", { generation: { N: "0" } }],
  ["no generation", { generation: undefined }],
  ["a hash as bytes", { hash: { B: "AAAA" } }],
  ["a key of another form", { idAndTime: { S: `${seriesKey({ id: ID, timeMs: NOW })}.5` } }],
])("an item with %s is passed over, and the others are read", async (_, more) => {
  expect(await read(item(NOW), item(NOW - 1, more))).toEqual([honest]);
});

test("what else an item holds does not matter, a number that JavaScript has not included", async () => {
  expect(await read(item(NOW, { other: { NS: ["9007199254740993.5"] } }))).toEqual([honest]);
});

test.each<[string, object]>([
  ["is no sample", { generation: { S: "spoilt" }, hash: undefined }],
  ["is expired, and not deleted yet", { expiresAt: { N: "1" } }],
])("what %s lies there all the same", async (_, more) => {
  const written = { id: ID, ec2InstanceId: EC2, from: NOW - 1000 };
  expect(await answering(item(NOW, more)).hasAny(written)).toBe(true);
  expect(await answering().hasAny(written)).toBe(false);
});

test("the newest of many is asked for as cheaply as it can be, fifty at once", async () => {
  const who = Array.from({ length: 120 }, (_, n) => ({ id: String(n).padStart(6, "0"), ec2InstanceId: EC2 }));
  const asked: Record<string, unknown>[] = [];
  let open = 0;
  let most = 0;
  const client = new DynamoDBClient({
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
    requestHandler: {
      async handle({ body }: { body: string | Uint8Array }) {
        open += 1;
        most = Math.max(most, open);
        asked.push(JSON.parse(Buffer.from(body).toString()));
        await new Promise((resolve) => setTimeout(resolve, 1));
        open -= 1;
        // There are more, but one query must do.
        const answer = { Items: [item(NOW + 1, { hash: { S: "spoilt" } }), item(NOW)], LastEvaluatedKey: item(NOW) };
        return { response: { statusCode: 200, headers: {}, body: Readable.from([JSON.stringify(answer)]) } };
      },
    },
  });
  const newest = await dynamoSeries(client, PLACE).newest(who, { from: NOW - 1000, to: NOW });
  expect([...newest]).toEqual(who.map(({ id }) => [id, NOW]));
  expect([asked.length, most]).toEqual([120, 50]);
  expect(asked[0]).toMatchObject({
    ConsistentRead: false,
    ScanIndexForward: false,
    Limit: 10,
    ProjectionExpression: "#idAndTime, #generation, #hash",
  });
});

test("however much there is that is no sample, ten times what is asked for is looked at, and no more", async () => {
  let pages = 0;
  const client = new DynamoDBClient({
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
    requestHandler: {
      async handle() {
        pages += 1;
        // Should somebody go on reading all the same, he comes to an end.
        const more = pages < 50 ? { LastEvaluatedKey: item(NOW) } : {};
        const answer = JSON.stringify({ Items: [item(NOW, { hash: { S: "spoilt" } })], ...more });
        return { response: { statusCode: 200, headers: {}, body: Readable.from([answer]) } };
      },
    },
  });
  const written = { id: ID, ec2InstanceId: EC2, from: NOW - 1000, to: NOW };
  expect(await dynamoSeries(client, PLACE).read({ ...written, limit: 5 })).toEqual([]);
  expect(pages).toBe(10);
});
