import {
  DescribeSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import type { StepEvent } from "../harness.ts";

const client = new SecretsManagerClient({ maxAttempts: 1 });

/** Rotates a secret whose value is known to nobody else. */
export async function handler({ Step, SecretId, ClientRequestToken }: StepEvent): Promise<void> {
  if (Step === "createSecret") {
    const value = { SecretString: "turned", VersionStages: ["AWSPENDING"] };
    await client.send(new PutSecretValueCommand({ SecretId, ClientRequestToken, ...value }));
  }
  if (Step !== "finishSecret") return;
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
  const RemoveFromVersionId = Object.keys(VersionIdsToStages).find((id) =>
    VersionIdsToStages[id]?.includes("AWSCURRENT"),
  );
  const move = { VersionStage: "AWSCURRENT", MoveToVersionId: ClientRequestToken, RemoveFromVersionId };
  await client.send(new UpdateSecretVersionStageCommand({ SecretId, ...move }));
}
