import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Failure, wordsOf } from "./failure.ts";
import type { SecretSource } from "./secret-source.ts";

/**
 * A secret in AWS Secrets Manager, read with the credentials that the AWS SDK finds by itself. The right that it needs is
 * `secretsmanager:GetSecretValue` on the secret, and `kms:Decrypt` where it is encrypted under a key of the customer's.
 *
 * @param secretId the secret's name or ARN
 * @param options.region where the SDK's own settings do not say
 */
export function secretsManagerSource(secretId: string, options: { region?: string } = {}): SecretSource {
  const client = new SecretsManagerClient({
    ...(options.region !== undefined && { region: options.region }),
    // Whoever follows a secret says when it is read again: attempts of the SDK's own would come on top of that.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  return {
    async read() {
      const answer = await client.send(new GetSecretValueCommand({ SecretId: secretId })).catch((error: unknown) => {
        throw new Failure(`The secret ${secretId} could not be read: ${wordsOf(error)}`);
      });
      const { Name, VersionId, SecretString } = answer;
      if (Name === undefined || VersionId === undefined || SecretString === undefined) {
        throw new Failure(`The secret ${secretId} has no text as its current version.`);
      }
      return { secret: Name, versionId: VersionId, text: SecretString };
    },
    close: () => client.destroy(),
  };
}
