import { Readable } from "node:stream";
import { type AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { dynamoRegistry } from "../../../functions/clients/registry.dynamodb.ts";
import { EC2 } from "../support.ts";
import { answering, json, refusal } from "./answering.ts";

interface Asked {
  Key?: Record<string, AttributeValue>;
  ExclusiveStartKey?: Record<string, AttributeValue>;
  ConsistentRead?: boolean;
}

/** The registry of a table whose indexes name these IDs, page by page, and in which only these records are. */
function registryOf(pages: string[][], records: Record<string, Record<string, AttributeValue>>) {
  const query = ({ ExclusiveStartKey }: Asked) => {
    const page = Number(ExclusiveStartKey?.page?.N ?? 0);
    const more = page + 1 < pages.length ? { LastEvaluatedKey: { page: { N: String(page + 1) } } } : {};
    return { Items: pages[page]?.map((id) => ({ id: { S: id }, ec2InstanceId: { S: EC2 } })), ...more };
  };
  const get = ({ Key, ConsistentRead }: Asked) => {
    const id = Key?.id?.S ?? "";
    return id in records && ConsistentRead ? { Item: { id: { S: id }, ...records[id] } } : {};
  };
  const client = new DynamoDBClient({
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
    requestHandler: {
      async handle({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) {
        const answer = headers["x-amz-target"]?.endsWith("GetItem") ? get : query;
        const text = JSON.stringify(answer(JSON.parse(new TextDecoder().decode(body))));
        return { response: { statusCode: 200, headers: {}, body: Readable.from([text]) } };
      },
    },
  });
  return dynamoRegistry(client, "any");
}

const active = { status: { S: "ACTIVE" } };
const retired = { status: { S: "RETIRED" } };
const idsOf = (records: { id: string }[]) => records.map(({ id }) => id);

// An index lags behind its table, and holds keys alone.

test("the records of a host are those that are live now, of every page that the index has", async () => {
  const registry = registryOf([["one", "gone"], [], ["lost", "two"]], { one: active, gone: retired, two: active });
  expect(idsOf(await registry.findByEc2Instance(EC2))).toEqual(["one", "two"]);
});

test("a page of records goes on over what are none, until it has about as many as it is to have", async () => {
  const client = new DynamoDBClient(
    answering([
      json({ Items: [{ id: { S: `owner#${EC2}` } }], LastEvaluatedKey: { id: { S: "a" } } }),
      json({ Items: [{ id: { S: "0a1b2c" }, ...retired }], LastEvaluatedKey: { id: { S: "b" } } }),
      json({ Items: [{ id: { S: "0a1b2d" }, ...active }], LastEvaluatedKey: { id: { S: "c" } } }),
      json({ Items: [{ id: { S: "0a1b2e" }, ...active }] }),
    ]),
  );
  const registry = dynamoRegistry(client, "any");
  const first = await registry.listPage({ limit: 1 });
  // A tombstone may have an audit line that is due.
  expect(idsOf(first.records)).toEqual(["0a1b2c"]);
  const second = await registry.listPage({ limit: 2, after: first.next });
  expect([idsOf(second.records), second.next]).toEqual([["0a1b2d", "0a1b2e"], undefined]);
});

test("a newcomer that is made the holder while its address is noted is noted as the holder", async () => {
  const asked: string[] = [];
  const NOT_HELD = refusal("ConditionalCheckFailedException");
  const client = new DynamoDBClient(answering([NOT_HELD, NOT_HELD, json({ Attributes: {} })], asked));
  const change = { ec2InstanceId: EC2, ip: "10.0.0.4", at: 1 };
  expect(await dynamoRegistry(client, "instances").updateIp("0a1b2c", change)).toBe(true);
  expect(asked.map((one) => JSON.parse(one).ConditionExpression.endsWith("#status <> :new"))).toEqual([
    true,
    false,
    true,
  ]);
});
