import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SeriesPlace } from "../../agent/series/place.ts";
import { dynamodbTickets } from "../../agent/turn/tickets.dynamodb.ts";
import { FakeAws } from "./fakes/aws.ts";

const WHOSE = { id: "0a1b2c", ec2InstanceId: "i-0123456789abcdef0" };
const TICKET = { id: "0a1b2c", generation: 5, nonce: "5e".repeat(32), proof: "c2".repeat(32) };
const PLACE: SeriesPlace = {
  region: async () => "eu-central-1",
  partition: async () => "aws",
  accountId: async () => "000000000000",
  credentials: async () => ({
    ...{ accessKeyId: "ASIAEXAMPLE", secretAccessKey: "example-secret", sessionToken: "example-session" },
    expiration: new Date("2100-01-01T00:00:00Z"),
  }),
};

let aws: FakeAws;
beforeEach(async () => {
  aws = new FakeAws();
  await aws.start();
  vi.stubEnv("AWS_ENDPOINT_URL", aws.endpoint.origin);
});
afterEach(() => aws.close());

test("a ticket is fetched as it lies now, under the instance's own ARN and its ID", async () => {
  aws.tickets = [TICKET];
  const tickets = dynamodbTickets("tickets", PLACE);
  expect(await tickets.find(WHOSE)).toEqual(TICKET);
  tickets.close();
  const instanceArn = { S: "arn:aws:ec2:eu-central-1:000000000000:instance/i-0123456789abcdef0" };
  expect(aws.fetched).toEqual([
    { TableName: "tickets", Key: { instanceArn, id: { S: "0a1b2c" } }, ConsistentRead: true },
  ]);
});

test("there is none where none lies", async () => {
  const tickets = dynamodbTickets("tickets", PLACE);
  expect(await tickets.find(WHOSE)).toBeUndefined();
  tickets.close();
});

test("whoever is stopped does not wait for it", async () => {
  const tickets = dynamodbTickets("tickets", PLACE);
  await expect(tickets.find(WHOSE, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
  tickets.close();
});
