import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoRegistry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { milliseconds, readSettings } from "../../shared/settings.ts";
import { contract } from "./contract.ts";
import { listDue } from "./step.ts";

export const handler = lambdaOf(contract, (journal) => {
  const settings = readSettings(contract.settings);
  const neighbours = {
    registry: dynamoRegistry(new DynamoDBClient(), settings.INSTANCE_TABLE),
    now: Date.now,
    rotateEveryMs: milliseconds(settings, "ROTATE_EVERY_SECONDS"),
    journal,
  };
  return (input) => listDue(input, neighbours);
});
