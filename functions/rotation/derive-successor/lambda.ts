import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { dynamoRegistry } from "../../clients/registry.dynamodb.ts";
import { kmsVault } from "../../clients/vault.kms.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { nonceModeOf, readSettings } from "../../shared/settings.ts";
import { contract } from "./contract.ts";
import { deriveSuccessor } from "./step.ts";

export const handler = lambdaOf(contract, () => {
  const settings = readSettings(contract.settings);
  const neighbours = {
    registry: dynamoRegistry(new DynamoDBClient(), settings.INSTANCE_TABLE),
    vault: kmsVault(new KMSClient(), { encryption: settings.KEY_ENCRYPTION_KEY, nonce: settings.NONCE_KEY }),
    nonceMode: nonceModeOf(settings.NONCE_MODE),
  };
  return (input) => deriveSuccessor(input, neighbours);
});
