import {
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  InvalidParameterException,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../shared/errors.ts";
import type { Maker } from "../shared/neighbours.ts";
import type { Secrets, Stages } from "./secrets.ts";

const CURRENT = "AWSCURRENT";
const PENDING = "AWSPENDING";
const PREVIOUS = "AWSPREVIOUS";

/** The secrets in Secrets Manager. */
export function managedSecrets(client: SecretsManagerClient): Secrets {
  async function stages(secret: string): Promise<Stages | undefined> {
    const found = await unlessMissing(client.send(new DescribeSecretCommand({ SecretId: secret })));
    if (found === undefined || found.DeletedDate !== undefined) return undefined;
    const labels = Object.entries(found.VersionIdsToStages ?? {});
    const holder = (label: string) => labels.find(([, all]) => all.includes(label))?.[0];
    return { current: holder(CURRENT), pending: holder(PENDING), predecessor: holder(PREVIOUS) };
  }

  return {
    stages,

    async read(secret, version) {
      const asked = new GetSecretValueCommand({ SecretId: secret, VersionId: version });
      const found = await unlessMissing(client.send(asked));
      if (found === undefined) return undefined;
      if (found.SecretString === undefined) throw new Error(`The secret ${secret} holds bytes where text is expected.`);
      return found.SecretString;
    },

    async putPending(secret, version, value) {
      // A version without a value would take the label back from a later one; AWS has no condition for it.
      if ((await stages(secret))?.pending !== version) return "not-pending";
      const put = { SecretId: secret, ClientRequestToken: version, SecretString: value, VersionStages: [PENDING] };
      try {
        await client.send(new PutSecretValueCommand(put));
        return "put";
      } catch (error) {
        if (error instanceof ResourceExistsException) return "other";
        throw error;
      }
    },

    async promote(secret, version, { from }) {
      const move = { SecretId: secret, VersionStage: CURRENT, MoveToVersionId: version, RemoveFromVersionId: from };
      try {
        await client.send(new UpdateSecretVersionStageCommand(move));
        return true;
      } catch (error) {
        if (!(error instanceof InvalidParameterException)) throw error;
      }
      // It is not on `from` any more: where a read still says so, the read is behind.
      const current = (await stages(secret))?.current;
      if (current !== undefined && current !== from) return current === version;
      const why = `Secrets Manager refused to promote a version of ${secret}, and does not show yet which one is current.`;
      throw new StepError(TEMPORARILY_UNAVAILABLE, why);
    },

    async dropPending(secret, version) {
      const take = { SecretId: secret, VersionStage: PENDING, RemoveFromVersionId: version };
      try {
        await client.send(new UpdateSecretVersionStageCommand(take));
        return true;
      } catch (error) {
        // The label is on another version or none, or there is no such version.
        if (error instanceof InvalidParameterException || error instanceof ResourceNotFoundException) return false;
        throw error;
      }
    },

    async askForRotation(secret, token) {
      try {
        await client.send(new RotateSecretCommand({ SecretId: secret, ClientRequestToken: token }));
        return "asked";
      } catch (error) {
        // It says so, too, of a secret that is deleted, or whose rotation was never set up.
        if (!(error instanceof InvalidRequestException)) throw error;
        const { pending, current } = (await stages(secret)) ?? {};
        if (pending === undefined || pending === current) throw error;
        return pending === token ? "asked" : "under-way";
      }
    },

    async oversight(secret) {
      const found = await unlessMissing(client.send(new DescribeSecretCommand({ SecretId: secret })));
      if (found === undefined || found.DeletedDate !== undefined) return undefined;
      const policy = await unlessMissing(client.send(new GetResourcePolicyCommand({ SecretId: secret })));
      return {
        rotatedBy: found.RotationEnabled ? found.RotationLambdaARN : undefined,
        policy: policy?.ResourcePolicy,
      };
    },
  };
}

/** What is found, or nothing where AWS says that it is not there; everything else says nothing of that. */
async function unlessMissing<Found>(asked: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

export const secrets: Maker<"secrets"> = () => managedSecrets(new SecretsManagerClient());
