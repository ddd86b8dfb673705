import { expect, test } from "vitest";
import { type DataInput, leadingKeys } from "../../src/dynamodb/leading-keys.ts";

const EVERYWHERE: DataInput = {
  Item: { id: { S: "item" } },
  Key: { id: { N: "1" }, other: { S: "x" } },
  KeyConditions: { id: { AttributeValueList: [{ B: "Ynk=" }] } },
};

test.each<[operation: string, keys: string[] | undefined]>([
  ["PutItem", ["item"]],
  ["GetItem", ["1"]],
  ["UpdateItem", ["1"]],
  ["Query", ["Ynk="]],
])("%s has its partition key where it has it, whatever else is in the input", (operation, keys) => {
  expect(leadingKeys(operation, EVERYWHERE, "id")).toEqual(keys);
});

test("a call that names no partition key has none", () => {
  expect(leadingKeys("Scan", {}, "id")).toBeUndefined();
  expect(leadingKeys("GetItem", EVERYWHERE, "none")).toBeUndefined();
});
