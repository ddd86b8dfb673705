import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { snsMail } from "../../clients/mail.sns.ts";
import { dynamoRegistry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { readSettings } from "../../shared/settings.ts";
import { contract } from "./contract.ts";
import { retireFormer } from "./step.ts";

export const handler = lambdaOf(contract, () => {
  const settings = readSettings(contract.settings);
  const neighbours = {
    registry: dynamoRegistry(new DynamoDBClient(), settings.INSTANCE_TABLE),
    mail: snsMail(new SNSClient(), settings.ALERT_TOPIC_ARN),
    now: Date.now,
  };
  return (input) => retireFormer(input, neighbours);
});
