import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ec2Hosts } from "../../clients/hosts.ec2.ts";
import { dynamoRegistry } from "../../clients/registry.dynamodb.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { readSettings } from "../../shared/settings.ts";
import { contract } from "./contract.ts";
import { followState } from "./step.ts";

export const handler = lambdaOf(contract, (journal) => {
  const settings = readSettings(contract.settings);
  const neighbours = {
    registry: dynamoRegistry(new DynamoDBClient(), settings.INSTANCE_TABLE),
    hosts: ec2Hosts(new EC2Client()),
    now: Date.now,
    journal,
  };
  return (input) => followState(input, neighbours);
});
