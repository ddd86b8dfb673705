import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoRegistry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { readSettings } from "../../shared/settings.ts";
import { contract } from "./contract.ts";
import { validateId } from "./step.ts";

export const handler = lambdaOf(contract, () => {
  const settings = readSettings(contract.settings);
  const registry = dynamoRegistry(new DynamoDBClient(), settings.INSTANCE_TABLE);
  return (input) => validateId(input, { registry });
});
