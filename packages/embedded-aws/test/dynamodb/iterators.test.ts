import { createRequire } from "node:module";
import { afterEach, expect, test } from "vitest";
import { Tables } from "../../src/dynamodb/tables.ts";

const { AbstractLevel } = createRequire(createRequire(import.meta.url).resolve("dynalite/db"))("abstract-level");
const { attachResource, detachResource } = AbstractLevel.prototype;
afterEach(() => Object.assign(AbstractLevel.prototype, { attachResource, detachResource }));

/** What any database of this process has open: iterators, each with a view of the database as it was. */
function openResources(): Set<unknown> {
  const open = new Set<unknown>();
  Object.assign(AbstractLevel.prototype, {
    attachResource(this: unknown, resource: unknown) {
      open.add(resource);
      return attachResource.call(this, resource);
    },
    detachResource(this: unknown, resource: unknown) {
      open.delete(resource);
      return detachResource.call(this, resource);
    },
  });
  return open;
}

const key = (n: number) => ({ id: { S: "a" }, n: { N: String(n) } });

test("reads leave nothing open behind them: not those that find all, nor those that are cut short or find nothing", async () => {
  const tables = new Tables(() => undefined);
  await tables.open();
  await tables.perform("CreateTable", {
    TableName: "things",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      { AttributeName: "id", AttributeType: "S" },
      { AttributeName: "n", AttributeType: "N" },
    ],
    KeySchema: [
      { AttributeName: "id", KeyType: "HASH" },
      { AttributeName: "n", KeyType: "RANGE" },
    ],
  });
  for (let n = 0; n < 5; n += 1) await tables.perform("PutItem", { TableName: "things", Item: key(n) });
  const open = openResources();

  const asked = (id: string) => ({
    KeyConditionExpression: "id = :id",
    ExpressionAttributeValues: { ":id": { S: id } },
  });
  for (const rest of [asked("a"), { ...asked("a"), Limit: 2 }, asked("nobody")]) {
    await tables.perform("Query", { TableName: "things", ...rest });
  }
  for (const rest of [{}, { Limit: 2 }]) await tables.perform("Scan", { TableName: "things", ...rest });

  await expect.poll(() => open.size).toBe(0);
  await tables.close();
});
