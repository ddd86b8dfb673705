import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { ACCOUNT, type EmbeddedAws, PARTITION, REGION } from "embedded-aws";
import { VERSION } from "../../agent/version.ts";
import { dynamoRegistry } from "../../functions/clients/registry.dynamodb.ts";
import { kmsVault } from "../../functions/clients/vault.kms.ts";
import { eachAtOnce } from "../../functions/shared/at-once.ts";
import { NAMES } from "../../infra/wiring.ts";
import { itemOf, sampleHash } from "../../protocol/index.ts";

const HEX = "ab".repeat(32);

/**
 * Fills the tables with so many instances as they are after a while, without agents or hosts: a record each with an encrypted
 * key that is not due, an owner item, and one sample of now that proves the key.
 *
 * @param unjudged of how many of them nobody has judged the proofs yet; of the others it was done just now
 */
export async function fillTables(aws: EmbeddedAws, count: number, unjudged: number): Promise<void> {
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  const dynamodb = new DynamoDBClient(config);
  const registry = dynamoRegistry(dynamodb, NAMES.instanceTable);
  const vault = kmsVault(new KMSClient(config), NAMES.keyMaterialKey);
  const now = Date.now();
  const all = Array.from({ length: count }, (_, n) => n + 1);
  await eachAtOnce(all, async (n) => {
    const id = n.toString(16).padStart(6, "0");
    const name = { id, ec2InstanceId: `i-${n.toString(16).padStart(17, "0")}`, generation: 1 };
    // Of the others nobody opens the key.
    const ciphertext = n > unjudged ? "c2VhbGVk" : await vault.seal(HEX, name);
    await registry.add({
      ...{
        id,
        ec2InstanceId: name.ec2InstanceId,
        ip: "10.0.0.1",
        status: "ACTIVE",
        agentVersion: VERSION,
        agentPublic: HEX,
      },
      ...{ serverPublic: HEX, registeredAt: 0, startedAt: 0, dueAt: now + 86_400_000, verdict: "MATCH" },
      current: { generation: 1, nonce: "", ciphertext, since: now },
      ...(n > unjudged && { judgedAt: now }),
    });
    await registry.writeOwner(name.ec2InstanceId, { holder: id, cameAt: [0] }, undefined);
    const sample = { ...name, timeMs: now, hash: sampleHash({ ...name, key: HEX, timeMs: now }) };
    const place = { partition: PARTITION, region: REGION, account: ACCOUNT };
    const { instanceArn, idAndTime, generation, hash, expiresAt } = itemOf(sample, place);
    const Item = {
      ...{ instanceArn: { S: instanceArn }, idAndTime: { S: idAndTime }, hash: { S: hash } },
      ...{ generation: { N: String(generation) }, expiresAt: { N: String(expiresAt) } },
    };
    await dynamodb.send(new PutItemCommand({ TableName: NAMES.seriesTable, Item }));
  });
}
