import { EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { SOURCE } from "../../events/event.ts";
import { INSTANCE_TAG } from "../../infra/wiring.ts";
import type { AwsUnderTest, Place } from "../functions/clients/aws-under-test.ts";
import { eventually } from "../functions/clients/eventually.ts";
import { createQueue } from "./queue.ts";

/** An emulator as the suites need it: what they hear goes through queues, as it could on AWS. */
export function emulatorUnderTest(place: Place): AwsUnderTest {
  return {
    place,

    async launch(count) {
      const launch = new RunInstancesCommand({
        ...{ ImageId: "ami-12345678", MinCount: count, MaxCount: count },
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: INSTANCE_TAG.key, Value: INSTANCE_TAG.value }] }],
      });
      const { Instances = [] } = await new EC2Client(place).send(launch);
      return Instances.map(({ InstanceId = "" }) => InstanceId);
    },

    async hear(busName) {
      const client = new EventBridgeClient(place);
      const queue = await createQueue(place, "heard");
      const rule = { EventBusName: busName, Name: "all" };
      await client.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: [SOURCE] }) }));
      const { EventBusName, Name: Rule } = rule;
      await client.send(new PutTargetsCommand({ EventBusName, Rule, Targets: [{ Id: "queue", Arn: queue.arn }] }));
      return async () =>
        (await queue.received()).map((body) => {
          const { "detail-type": detailType, detail } = JSON.parse(body);
          return { detailType, detail };
        });
    },

    async subscribe(topicArn) {
      const queue = await createQueue(place, "mailed");
      const subscription = { TopicArn: topicArn, Protocol: "sqs", Endpoint: queue.arn };
      await new SNSClient(place).send(new SubscribeCommand(subscription));
      return async () =>
        (await queue.received()).map((body) => {
          const { Subject: subject, Message: text } = JSON.parse(body);
          return { subject, text };
        });
    },

    // In JSONPath, which both know; moto runs no JSONata.
    async waiting() {
      const queue = await createQueue(place, "tokens");
      return {
        state: {
          Type: "Task",
          Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
          Parameters: {
            QueueUrl: queue.url,
            MessageBody: { "execution.$": "$$.Execution.Id", "token.$": "$$.Task.Token" },
          },
        },
        async tokenOf(executionArn) {
          const find = async () =>
            (await queue.received())
              .map((body) => JSON.parse(body))
              .find(({ execution }) => execution === executionArn);
          return (await eventually(find, (found) => found !== undefined)).token;
        },
      };
    },

    // No emulator has a host with an agent on it: what an answer would be, nobody asks.
    commands: async () => ({ place, agentAnswers: () => undefined }),
  };
}
