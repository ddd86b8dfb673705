import { CreateEventBusCommand, DescribeEventBusCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EventBridge } from "../../src/events/index.ts";
import { type Embedded, startEmbedded } from "../http/embedded.ts";

let aws: Embedded;
let client: EventBridgeClient;

beforeAll(async () => {
  aws = await startEmbedded((parts) => [new EventBridge(parts).service]);
  client = new EventBridgeClient(aws.config);
});
afterAll(() => aws.close());

test("a bus is described once it is there", async () => {
  const describe = () => client.send(new DescribeEventBusCommand({ Name: "orders" }));
  await expect(describe()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  const { EventBusArn } = await client.send(new CreateEventBusCommand({ Name: "orders" }));
  expect(await describe()).toMatchObject({ Name: "orders", Arn: EventBusArn });
});
