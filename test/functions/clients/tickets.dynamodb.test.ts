import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { dynamoTickets } from "../../../functions/clients/tickets.dynamodb.ts";
import { EC2, hex64Of, ID, NOW } from "../support.ts";
import { answering, json } from "./answering.ts";

const THIRTY_DAYS_S = 30 * 86_400;

test("a ticket lies under the instance's ARN, and goes by itself after thirty days, in whole seconds", async () => {
  const asked: string[] = [];
  const client = new DynamoDBClient(answering([json({})], asked));
  const place = { table: "tickets", partition: "aws", account: "000000000000" };
  const ticket = { id: ID, generation: 2, nonce: hex64Of("nonce"), proof: hex64Of("proof") };
  expect(await dynamoTickets(client, place).lay(EC2, ticket, { at: NOW + 999 })).toBeUndefined();
  const { Item } = JSON.parse(asked[0] ?? "");
  expect(Object.values(Item)).toContainEqual({ S: `arn:aws:ec2:us-east-1:000000000000:instance/${EC2}` });
  expect(Item.expiresAt).toEqual({ N: String(NOW / 1000 + THIRTY_DAYS_S) });
});
