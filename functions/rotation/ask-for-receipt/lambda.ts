import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SSMClient } from "@aws-sdk/client-ssm";
import { ssmCommands } from "../../clients/commands.ssm.ts";
import { dynamoRegistry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { readSettings } from "../../shared/settings.ts";
import { contract } from "./contract.ts";
import { askForReceipt } from "./step.ts";

export const handler = lambdaOf(contract, () => {
  const settings = readSettings(contract.settings);
  const neighbours = {
    registry: dynamoRegistry(new DynamoDBClient(), settings.INSTANCE_TABLE),
    commands: ssmCommands(new SSMClient(), settings.PUSH_DOCUMENT),
  };
  return (input) => askForReceipt(input, neighbours);
});
