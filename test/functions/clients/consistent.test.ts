import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { dynamoAudit } from "../../../functions/clients/audit.dynamodb.ts";
import { dynamoCredentials } from "../../../functions/clients/credentials.dynamodb.ts";
import { dynamoFindings } from "../../../functions/clients/findings.dynamodb.ts";
import { dynamoRegistry } from "../../../functions/clients/registry.dynamodb.ts";
import { dynamoTickets } from "../../../functions/clients/tickets.dynamodb.ts";
import { EC2, ID } from "../support.ts";
import { answering, json } from "./answering.ts";

// What is read to be decided by is as it is now: a table's copies may be behind by what was written a moment ago.

const PLACE = { table: "any", partition: "aws", account: "000000000000" };

const READS: Record<string, (client: DynamoDBClient) => Promise<unknown>> = {
  "a record": (client) => dynamoRegistry(client, "any").find(ID),
  "an owner": (client) => dynamoRegistry(client, "any").findOwner(EC2),
  "a ticket": (client) => dynamoTickets(client, PLACE).find(EC2, ID),
  "a finding": (client) => dynamoFindings(client, "any").find({ subject: ID, cause: "STALE" }),
  "a credential": (client) => dynamoCredentials(client, "any").find("orders/db"),
  "a line": (client) => dynamoAudit(client, "any").line({ subject: ID, n: 1 }),
  "a subject's last line": (client) => dynamoAudit(client, "any").last(ID),
  "a subject's lines": (client) => dynamoAudit(client, "any").lines(ID),
  "the last seal": (client) => dynamoAudit(client, "any").lastSeal(),
  "the seals": (client) => dynamoAudit(client, "any").seals(),
};

test.each(Object.entries(READS))("%s is read as it is now", async (_, read) => {
  const asked: string[] = [];
  await read(new DynamoDBClient(answering([json({})], asked)));
  expect(asked.map((body) => JSON.parse(body).ConsistentRead)).toEqual([true]);
});
