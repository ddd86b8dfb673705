import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { expect, vi } from "vitest";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import { NAMES } from "../../infra/wiring.ts";
import { liveArn } from "../../local/roles.ts";
import { type FleetConfig, SOON } from "./desk.ts";

/** The key and the user in the documents' examples. */
export const EXAMPLE_KEY = "AKIAIOSFODNN7EXAMPLE";
const EXAMPLE_USER = "deployer";

/**
 * Makes the IAM user of the documents' examples, with a key that is then exposed, and waits until people were told of it: what
 * they type after that finds the key inactive, and the user's earlier sessions denied.
 *
 * @returns the key's ID
 */
export async function exposeKey(config: FleetConfig): Promise<string> {
  const [iam, sfn, dynamodb] = [new IAMClient(config), new SFNClient(config), new DynamoDBClient(config)];
  const findings = dynamoFindings(dynamodb, NAMES.findingTable);
  try {
    await iam.send(new CreateUserCommand({ UserName: EXAMPLE_USER }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: EXAMPLE_USER }));
    const { AccessKeyId: accessKeyId = "" } = AccessKey ?? {};
    const input = JSON.stringify({ "detail-type": "Access Key Exposed", source: "by.hand", detail: { accessKeyId } });
    await sfn.send(new StartExecutionCommand({ stateMachineArn: liveArn("exposed-key"), input }));
    await vi.waitFor(async () => {
      const told = await findings.find({ subject: accessKeyId, cause: "AccessKeyExposed" });
      expect(told?.toldAt).toBeDefined();
      expect(told?.facts.exposed?.key?.done).toEqual(["DEACTIVATED", "SESSIONS_DENIED"]);
    }, SOON);
    return accessKeyId;
  } finally {
    for (const client of [iam, sfn, dynamodb]) client.destroy();
  }
}
