// Puts items into a table one after the other and prints the number of each that was acknowledged, until it is killed.
import { randomBytes } from "node:crypto";
import { systemClock } from "../../src/clock.ts";
import { DynamoDb } from "../../src/dynamodb/dynamodb.ts";
import { Store } from "../../src/store.ts";

const folder = process.argv[2] ?? "";
const log = (sentence: string) => console.error(sentence);
const service = new DynamoDb({ store: new Store(), clock: systemClock, random: randomBytes, log }, folder);
await service.start();

async function call(operation: string, input: unknown): Promise<string> {
  const headers = { "x-amz-target": `DynamoDB_20120810.${operation}` };
  const { status, body } = await service.handle({
    method: "POST",
    url: "/",
    headers,
    body: Buffer.from(JSON.stringify(input)),
  });
  if (status !== 200) throw new Error(String(body));
  return String(body);
}

await call("CreateTable", {
  TableName: "numbers",
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: [{ AttributeName: "n", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "n", AttributeType: "N" }],
});
for (let n = 0; ; n += 1) {
  await call("PutItem", { TableName: "numbers", Item: { n: { N: String(n) } } });
  process.stdout.write(`${n}\n`);
}
