import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { type EmbeddedAws, startAws } from "embedded-aws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AUDIT_INDEX, AUDIT_KEYS } from "../../../functions/audit/table.ts";
import { dynamoAudit } from "../../../functions/clients/audit.dynamodb.ts";
import { type Audit, SEALS } from "../../../functions/clients/audit.ts";
import { auditFaults, headsInOrder, type Seal, sealDigest } from "../../../protocol/index.ts";
import { chained } from "../../protocol/audit-chains.ts";
import { hex64Of, NOW } from "../support.ts";
import { answering, json, nameOf, refusal } from "./answering.ts";
import { auditSuite } from "./audit.suite.ts";

const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
let aws: EmbeddedAws;
beforeAll(async () => {
  aws = await startAws({ folder });
  aws.resume();
});
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true });
});

let tables = 0;

function newClient(): DynamoDBClient {
  const { endpoint, region, credentials } = aws;
  return new DynamoDBClient({ endpoint, region, credentials, maxAttempts: 1 });
}

/** An empty table, and a client to it. */
async function newTable(): Promise<{ client: DynamoDBClient; table: string }> {
  tables += 1;
  const client = newClient();
  const table = `audit-${tables}`;
  const { partitionKey, sortKey } = AUDIT_KEYS;
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: partitionKey.name, KeyType: "HASH" },
        { AttributeName: sortKey.name, KeyType: "RANGE" },
      ],
      AttributeDefinitions: [partitionKey, sortKey, AUDIT_INDEX.partitionKey].map(({ name, type }) => ({
        AttributeName: name,
        AttributeType: type,
      })),
      GlobalSecondaryIndexes: [
        {
          IndexName: AUDIT_INDEX.name,
          KeySchema: [{ AttributeName: AUDIT_INDEX.partitionKey.name, KeyType: "HASH" }],
          Projection: { ProjectionType: AUDIT_INDEX.projection },
        },
      ],
    }),
  );
  return { client, table };
}

describe("over the embedded AWS", () => {
  auditSuite(async () => {
    const { client, table } = await newTable();
    return dynamoAudit(client, table);
  });
});

/** A seal of so many heads, after another. */
function sealOf(heads: number, day = "2026-11-26", previous = ""): Seal {
  const content = {
    ...{ previous, day },
    heads: headsInOrder(
      Array.from({ length: heads }, (_, index) => ({ subject: `${index}`, n: 1, digest: hex64Of(day) })),
    ),
  };
  return { ...content, digest: sealDigest(content) };
}

/** Does something before one put of a client, counted from 1. */
function beforePut(client: DynamoDBClient, which: number, work: () => Promise<unknown>): void {
  let puts = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName === "PutItemCommand") puts += 1;
      if (context.commandName === "PutItemCommand" && puts === which) await work();
      return next(args);
    },
    { step: "initialize" },
  );
}

/** Everything that lies under a subject, e.g. the items of the seals. */
async function itemsUnder(client: DynamoDBClient, table: string, subject: string) {
  const values = { ":subject": { S: subject } };
  const asked = { KeyConditionExpression: "subject = :subject", ExpressionAttributeValues: values };
  return (await client.send(new QueryCommand({ TableName: table, ConsistentRead: true, ...asked }))).Items ?? [];
}

// Of 3,000 heads: three pages, and the seal.
describe.each([1, 2, 3, 4])("a sealer before whose put %i", (which) => {
  const seal = sealOf(3_000);

  test.each([
    ["the same heads", seal],
    ["more heads", sealOf(3_100)],
    ["no heads", sealOf(0)],
  ])("its process dies leaves no seal, and can seal again with %s", async (_, again) => {
    const { client, table } = await newTable();
    const audit = dynamoAudit(client, table);
    beforePut(client, which, () => Promise.reject(new Error("died")));
    await expect(audit.putSeal(seal)).rejects.toThrow("died");
    expect(await audit.lastSeal()).toBeUndefined();
    expect(await audit.sealOf(seal.day)).toBeUndefined();
    expect(await audit.putSeal(again)).toBe(true);
    expect(await audit.lastSeal()).toEqual(again);
  });

  test.each([
    ["other heads leaves that seal as it is", sealOf(3_100), false],
    ["the same heads in another order has sealed, too", { ...seal, heads: seal.heads.toReversed() }, true],
  ])("another seals with %s", async (_, late, stands) => {
    const { client, table } = await newTable();
    beforePut(client, which, () => dynamoAudit(newClient(), table).putSeal(seal));
    const audit = dynamoAudit(client, table);
    expect(await audit.putSeal(late)).toBe(stands);
    expect(await audit.lastSeal()).toEqual(seal);
    expect(await itemsUnder(client, table, SEALS)).toHaveLength(1);
  });
});

test("the seal of a day is found among hundreds, and a day that was skipped has none", async () => {
  const { client, table } = await newTable();
  const audit = dynamoAudit(client, table);
  const days = Array.from({ length: 230 }, (_, index) =>
    new Date(NOW + index * 2 * 86_400_000).toISOString().slice(0, 10),
  );
  const seals: Seal[] = [];
  for (const day of days) {
    const seal = sealOf(1, day, seals.at(-1)?.digest);
    await audit.putSeal(seal);
    seals.push(seal);
  }
  for (const index of [0, 29, 30, 129, 130, 229]) {
    const seal = seals[index] as Seal;
    expect(await audit.sealOf(seal.day)).toEqual(seal);
    expect(await audit.sealOf(new Date(Date.parse(seal.day) + 86_400_000).toISOString().slice(0, 10))).toBeUndefined();
  }
  expect(await audit.sealOf("2020-01-01")).toBeUndefined();
  const page = await audit.seals();
  expect((await audit.seals({ after: page.next })).seals).toEqual(seals.slice(100, 200));
});

describe("what somebody wrote past the client", () => {
  const lines = chained([1, 2].map((timeMs) => ({ subject: "0a1b2c", timeMs, act: "promoted", details: "{}" })));

  test.each<[string, Record<string, AttributeValue>]>([
    ["nothing but its keys", {}],
    ["a time with a fraction", { timeMs: { N: "9007199254740993.5" } }],
    ["other types", { act: { N: "1" }, details: { M: {} }, previous: { BOOL: true }, digest: { NS: ["1"] } }],
  ])("as a line, %s, is read, and a check finds it", async (_, attributes) => {
    const { client, table } = await newTable();
    const audit = dynamoAudit(client, table);
    const [first] = lines;
    if (first !== undefined) await audit.put(first, { at: NOW });
    const Item = { subject: { S: "0a1b2c" }, n: { N: "2" }, ...attributes };
    await client.send(new PutItemCommand({ TableName: table, Item }));
    expect(await audit.last("0a1b2c")).toMatchObject({ n: 2 });
    const read = await audit.lines("0a1b2c");
    expect(auditFaults({ lines: read.lines, seals: [] })).toContainEqual(
      expect.objectContaining({ what: "LINE_CHANGED", subject: "0a1b2c", n: 2 }),
    );
  });

  test.each<[string, Record<string, AttributeValue>, Record<string, AttributeValue>]>([
    ["whose page is no JSON", {}, { heads: { S: "{" } }],
    ["whose page has no list", {}, { heads: { S: "5" } }],
    ["whose page is gone", {}, { heads: { BOOL: true } }],
    ["whose page has what is no head", {}, { heads: { S: '[["a",0,"b"],5,["a",1,"c"]]' } }],
    [
      "whose item has nothing but its keys",
      { sealedDay: { BOOL: true }, previous: { BOOL: true }, pages: { S: "1" } },
      {},
    ],
    ["of another digest", { digest: { S: hex64Of("another") } }, {}],
    ["of more pages than it has", { digest: { BOOL: true } }, {}],
  ])("as a seal, %s, is read, and a check finds it", async (_, ofSeal, ofPage) => {
    const { client, table } = await newTable();
    const audit = dynamoAudit(client, table);
    const seal = sealOf(2);
    await audit.putSeal(seal);
    for (const [subject, attributes] of [
      [SEALS, ofSeal],
      [`${SEALS}${seal.day}#${seal.digest}`, ofPage],
    ] as const) {
      const [item] = await itemsUnder(client, table, subject);
      await client.send(new PutItemCommand({ TableName: table, Item: { ...item, ...attributes } }));
    }
    const { seals } = await audit.seals();
    expect(auditFaults({ lines: [], seals })).toContainEqual(expect.objectContaining({ what: "SEAL_CHANGED" }));
    expect(await audit.lastSeal()).toEqual(seals[0]);
  });
});

describe("how many calls it takes", () => {
  const [line] = chained([{ subject: "0a1b2c", timeMs: 1, act: "promoted", details: "{}" }]);
  const NOT_HELD = refusal("ConditionalCheckFailedException");

  async function callsOf(answers: Parameters<typeof answering>[0], work: (audit: Audit) => unknown) {
    const asked: string[] = [];
    await work(dynamoAudit(new DynamoDBClient(answering(answers, asked)), "table"));
    return asked.length;
  }

  test("to put a line one, and one more where another lies there", async () => {
    const put = (audit: Audit) => line && audit.put(line, { at: NOW });
    expect(await callsOf([json({})], put)).toBe(1);
    expect(await callsOf([NOT_HELD, json({})], put)).toBe(2);
  });

  test("to put a seal one for each page, and two", async () => {
    expect(await callsOf([json({ Items: [] }), json({})], (audit) => audit.putSeal(sealOf(0)))).toBe(2);
    expect(await callsOf([json({ Items: [] }), json({})], (audit) => audit.putSeal(sealOf(3_000)))).toBe(5);
  });

  test.each([
    ["ThrottlingException", "TemporarilyUnavailable"],
    ["AccessDeniedException", "AccessDeniedException"],
  ])("%s is not taken for a line or a seal that lies there", async (code, name) => {
    const audit = dynamoAudit(new DynamoDBClient(answering([refusal(code)])), "table");
    expect(await nameOf(line ? audit.put(line, { at: NOW }) : Promise.resolve())).toBe(name);
    expect(await nameOf(audit.putSeal(sealOf(0)))).toBe(name);
    const sealing = dynamoAudit(new DynamoDBClient(answering([json({ Items: [] }), refusal(code)])), "table");
    expect(await nameOf(sealing.putSeal(sealOf(0)))).toBe(name);
  });
});
