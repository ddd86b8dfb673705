import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SNSClient } from "@aws-sdk/client-sns";
import { eventBridgeBus } from "../../clients/bus.eventbridge.ts";
import { snsMail } from "../../clients/mail.sns.ts";
import { dynamoRegistry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { readSettings } from "../../shared/settings.ts";
import { contract } from "./contract.ts";
import { summarize } from "./step.ts";

export const handler = lambdaOf(contract, (journal) => {
  const settings = readSettings(contract.settings);
  const neighbours = {
    registry: dynamoRegistry(new DynamoDBClient(), settings.INSTANCE_TABLE),
    mail: snsMail(new SNSClient(), settings.ALERT_TOPIC_ARN),
    bus: eventBridgeBus(new EventBridgeClient(), settings.EVENT_BUS),
    now: Date.now,
    journal,
  };
  return (input) => summarize(input, neighbours);
});
