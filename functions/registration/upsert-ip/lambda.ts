import { randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { eventBridgeBus } from "../../clients/bus.eventbridge.ts";
import { dynamoRegistry } from "../../clients/registry.dynamodb.ts";
import { kmsVault } from "../../clients/vault.kms.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { milliseconds, readSettings } from "../../shared/settings.ts";
import { contract } from "./contract.ts";
import { upsertIp } from "./step.ts";

export const handler = lambdaOf(contract, (journal) => {
  const settings = readSettings(contract.settings);
  const neighbours = {
    registry: dynamoRegistry(new DynamoDBClient(), settings.INSTANCE_TABLE),
    vault: kmsVault(new KMSClient(), { encryption: settings.KEY_ENCRYPTION_KEY }),
    bus: eventBridgeBus(new EventBridgeClient(), settings.EVENT_BUS),
    now: Date.now,
    random: randomBytes,
    rotateEveryMs: milliseconds(settings, "ROTATE_EVERY_SECONDS"),
    journal,
  };
  return (input) => upsertIp(input, neighbours);
});
