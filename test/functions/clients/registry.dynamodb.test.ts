import { Readable } from "node:stream";
import { type AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { dynamoRegistry } from "../../../functions/clients/registry.dynamodb.ts";
import { EC2 } from "../support.ts";

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
const alerted = { ...active, alert: { M: { what: { S: "STALE" } } } };
const retired = { status: { S: "RETIRED" } };
const idsOf = (records: { id: string }[]) => records.map(({ id }) => id);

// An index lags behind its table, and holds keys alone.

test("the records of a host are those that are live now, of every page that the index has", async () => {
  const registry = registryOf([["one", "gone"], [], ["lost", "two"]], { one: active, gone: retired, two: active });
  expect(idsOf(await registry.findByEc2Instance(EC2))).toEqual(["one", "two"]);
});

test("the alerted are those about whom something stands now, in the index's order", async () => {
  const registry = registryOf(
    [
      ["two", "mended"],
      ["gone", "one"],
    ],
    { one: alerted, mended: active, gone: retired, two: alerted },
  );
  const found = await registry.listAlerted();
  expect(idsOf(found)).toEqual(["two", "one"]);
  expect(found[0]?.alert).toEqual({ what: "STALE" });
});
