import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { DynamoDb } from "../../src/dynamodb/dynamodb.ts";
import { type Embedded, startEmbedded } from "../http/embedded.ts";

async function open(folder: string): Promise<{ aws: Embedded; service: DynamoDb }> {
  const opened: DynamoDb[] = [];
  const aws = await startEmbedded((parts) => {
    const service = new DynamoDb(parts, folder);
    opened.push(service);
    return [service];
  });
  const [service] = opened;
  if (service === undefined) throw new Error("no service was made");
  onTestFinished(async () => {
    await aws.close();
    await service.close();
  });
  return { aws, service };
}

test("what was acknowledged survives SIGKILL, and a folder in use is refused with a sentence", async () => {
  const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const writer = spawn(process.execPath, [join(import.meta.dirname, "writer.ts"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last = -1;
  for await (const line of createInterface(writer.stdout)) {
    last = Number(line);
    if (last === 100) {
      const { service } = await open(folder);
      await expect(service.start()).rejects.toThrow(`The DynamoDB tables in ${folder} cannot be opened`);
      writer.kill("SIGKILL");
    }
  }
  const { aws, service } = await open(folder);
  await service.start();
  const { Items } = await new DynamoDBClient(aws.config).send(new ScanCommand({ TableName: "numbers" }));
  const found = (Items ?? []).map((item) => Number(item.n?.N)).sort((a, b) => a - b);
  expect(last).toBeGreaterThanOrEqual(100);
  expect(found.slice(0, last + 1)).toEqual(Array.from({ length: last + 1 }, (_, n) => n));
  expect(found.length).toBeLessThanOrEqual(last + 2);
});

/** Leaves a table as a process leaves it that dies in the middle of a change. */
async function leave(folder: string, name: string, TableStatus: string): Promise<void> {
  const store = createRequire(import.meta.url)("dynalite/db").create({ path: folder });
  await store.db.open();
  const table = await promisify(store.tableDb.get)(name);
  await promisify(store.tableDb.put)(name, { ...table, TableStatus });
  await store.db.close();
}

test.each([
  ["CREATING", 0],
  ["DELETING", 0],
  ["UPDATING", 1],
])("a table that was %s when the process died is no longer", async (status, left) => {
  const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const TableName = "changing";
  const create = new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [{ AttributeName: "n", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "n", AttributeType: "N" }],
  });
  const before = await open(folder);
  await before.service.start();
  const first = new DynamoDBClient(before.aws.config);
  await first.send(create);
  await first.send(new PutItemCommand({ TableName, Item: { n: { N: "1" } } }));
  await before.service.close();
  await leave(folder, TableName, status);
  const after = await open(folder);
  await after.service.start();
  const second = new DynamoDBClient(after.aws.config);
  if (left === 0) await second.send(create);
  const { Table } = await second.send(new DescribeTableCommand({ TableName }));
  expect(Table?.TableStatus).toBe("ACTIVE");
  expect((await second.send(new ScanCommand({ TableName }))).Items).toHaveLength(left);
});
