import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { dynamoRegistry } from "../../clients/registry.dynamodb.ts";
import { kmsVault } from "../../clients/vault.kms.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { milliseconds, readSettings } from "../../shared/settings.ts";
import { contract } from "./contract.ts";
import { verifyHash } from "./step.ts";

export const handler = lambdaOf(contract, (journal) => {
  const settings = readSettings(contract.settings);
  const neighbours = {
    registry: dynamoRegistry(new DynamoDBClient(), settings.INSTANCE_TABLE),
    vault: kmsVault(new KMSClient(), { encryption: settings.KEY_ENCRYPTION_KEY }),
    now: Date.now,
    intervalMs: milliseconds(settings, "SAMPLE_INTERVAL_SECONDS"),
    skewMs: milliseconds(settings, "ALLOWED_SKEW_SECONDS"),
    journal,
  };
  return (input) => verifyHash(input, neighbours);
});
