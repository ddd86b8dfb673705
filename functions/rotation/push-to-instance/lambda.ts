import { randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SSMClient } from "@aws-sdk/client-ssm";
import { ssmCommands } from "../../clients/commands.ssm.ts";
import { sfnClient, sfnExecutions } from "../../clients/executions.sfn.ts";
import { dynamoRegistry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { readSettings } from "../../shared/settings.ts";
import { contract } from "./contract.ts";
import { pushToInstance } from "./step.ts";

export const handler = lambdaOf(contract, (journal) => {
  const settings = readSettings(contract.settings);
  const neighbours = {
    registry: dynamoRegistry(new DynamoDBClient(), settings.INSTANCE_TABLE),
    commands: ssmCommands(new SSMClient(), settings.PUSH_DOCUMENT),
    executions: sfnExecutions(sfnClient()),
    now: Date.now,
    random: randomBytes,
    journal,
  };
  return (input) => pushToInstance(input, neighbours);
});
