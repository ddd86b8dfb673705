import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { startAws } from "embedded-aws";

/** An API key, as its secret has it. */
export interface KeyInSecret {
  client_id: string;
  client_secret: string;
}

/** A Secrets Manager of the embedded AWS, with API keys in it. */
export async function keySecrets(keys: Record<string, KeyInSecret>) {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  const aws = await startAws({ folder });
  aws.resume();
  const { endpoint, region, credentials } = aws;
  const client = new SecretsManagerClient({ endpoint, region, credentials, maxAttempts: 1 });
  for (const [Name, key] of Object.entries(keys)) {
    await client.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(key) }));
  }
  return {
    client,
    async close(): Promise<void> {
      await aws.close();
      rmSync(folder, { recursive: true });
    },
    async put(SecretId: string, value: unknown): Promise<void> {
      await client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(value) }));
    },
  };
}
