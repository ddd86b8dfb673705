import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetTopicAttributesCommand, ListTopicsCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AwsError, type Service } from "../../src/http/service.ts";
import { type Embedded, startEmbedded } from "./embedded.ts";

const received: unknown[] = [];

const kms: Service = {
  signingName: "kms",
  protocol: { kind: "json", version: "1.1" },
  operations: {
    DescribeKey: (input: { KeyId: string }) => {
      received.push(input);
      if (input.KeyId === "none") throw new AwsError("NotFoundException", "Key 'none' does not exist");
      if (input.KeyId === "defect") throw new TypeError("a defect");
      return { KeyMetadata: { KeyId: input.KeyId, CreationDate: new Date(1_763_600_000_123), Enabled: true } };
    },
  },
};

const sns: Service = {
  signingName: "sns",
  protocol: { kind: "query", xmlns: "http://sns.amazonaws.com/doc/2010-03-31/" },
  operations: {
    Publish: (input: unknown) => {
      received.push(input);
      return { MessageId: "a <b> & c" };
    },
    ListTopics: () => ({ Topics: [{ TopicArn: "one" }, { TopicArn: "two" }] }),
    GetTopicAttributes: (input: { TopicArn: string }) => {
      if (input.TopicArn === "none") throw new AwsError("NotFound", "Topic does not exist", 404);
      return { Attributes: new Map([["DisplayName", "alerts"]]) };
    },
  },
};

const ec2: Service = {
  signingName: "ec2",
  protocol: { kind: "query", xmlns: "http://ec2.amazonaws.com/doc/2016-11-15/", dialect: "ec2" },
  operations: {
    DescribeInstances: (input: { InstanceIds?: string[] }) => {
      received.push(input);
      if (input.InstanceIds?.includes("i-none")) {
        throw new AwsError("InvalidInstanceID.NotFound", "The instance ID 'i-none' does not exist");
      }
      const one = { InstanceId: "i-1", State: { Code: 16, Name: "running" }, LaunchTime: new Date(1_763_600_000_000) };
      return { Reservations: [{ ReservationId: "r-1", Instances: [{ ...one, Tags: [{ Key: "a", Value: "b" }] }] }] };
    },
  },
};

let aws: Embedded;
beforeAll(async () => {
  aws = await startEmbedded(() => [kms, sns, ec2]);
});
afterAll(() => aws.close());
beforeEach(() => {
  received.length = 0;
});

test("JSON: the SDK's input arrives and its output comes back, dates included", async () => {
  const client = new KMSClient(aws.config);
  const { KeyMetadata, $metadata } = await client.send(new DescribeKeyCommand({ KeyId: "k", GrantTokens: ["ü"] }));
  expect(received).toEqual([{ KeyId: "k", GrantTokens: ["ü"] }]);
  expect(KeyMetadata).toMatchObject({ KeyId: "k", CreationDate: new Date(1_763_600_000_123), Enabled: true });
  expect($metadata.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("JSON: an error has its name, message and status", async () => {
  const error = await new KMSClient(aws.config)
    .send(new DescribeKeyCommand({ KeyId: "none" }))
    .catch((caught) => caught);
  expect(error).toMatchObject({ name: "NotFoundException", message: "Key 'none' does not exist" });
  expect(error.$metadata.httpStatusCode).toBe(400);
});

test("a defect is an InternalFailure that tells nothing, and a sentence in the log", async () => {
  const client = new KMSClient({ ...aws.config, maxAttempts: 1 });
  const error = await client.send(new DescribeKeyCommand({ KeyId: "defect" })).catch((caught) => caught);
  expect(error).toMatchObject({ name: "InternalFailure", $metadata: { httpStatusCode: 500 } });
  expect(error.message).not.toContain("a defect");
  expect(aws.log.at(-1)).toContain("kms.DescribeKey fail: a defect");
});

test("Query: structures, maps and lists arrive, and results are read back", async () => {
  const client = new SNSClient(aws.config);
  const MessageAttributes = { kind: { DataType: "String", StringValue: "a&b=c" } };
  const published = await client.send(new PublishCommand({ TopicArn: "t", Message: "é\n+ %", MessageAttributes }));
  expect(received).toEqual([{ TopicArn: "t", Message: "é\n+ %", MessageAttributes }]);
  expect(published.MessageId).toBe("a <b> & c");
  const { Topics } = await client.send(new ListTopicsCommand({}));
  expect(Topics).toEqual([{ TopicArn: "one" }, { TopicArn: "two" }]);
  const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn: "t" }));
  expect(Attributes).toEqual({ DisplayName: "alerts" });
});

test("Query: an error has its name, message and status", async () => {
  const client = new SNSClient(aws.config);
  const error = await client.send(new GetTopicAttributesCommand({ TopicArn: "none" })).catch((caught) => caught);
  expect(error).toMatchObject({ name: "NotFoundException", message: "Topic does not exist" });
  expect(error.$metadata.httpStatusCode).toBe(404);
});

test("EC2's dialect: lists and filters arrive under the SDK's names, and results are read back", async () => {
  const client = new EC2Client(aws.config);
  const Filters = [{ Name: "tag:a", Values: ["b", "c"] }];
  const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: ["i-1"], Filters }));
  expect(received).toEqual([{ InstanceIds: ["i-1"], Filters }]);
  expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
    InstanceId: "i-1",
    State: { Code: 16, Name: "running" },
    LaunchTime: new Date(1_763_600_000_000),
    Tags: [{ Key: "a", Value: "b" }],
  });
});

test("EC2's dialect: an error has its name and message", async () => {
  const client = new EC2Client(aws.config);
  const error = await client.send(new DescribeInstancesCommand({ InstanceIds: ["i-none"] })).catch((caught) => caught);
  expect(error.name).toBe("InvalidInstanceID.NotFound");
  expect(error.message).toContain("does not exist");
});
