import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  ResourceNotFoundException,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { functionArn } from "embedded-aws";
import { functionNameOf } from "../functions/steps.ts";

/** What a deployment to AWS would ask for; here somebody asks more often than any schedule of Secrets Manager may. */
const RULES = { AutomaticallyAfterDays: 30 };

/** The secret of a credential that is turned here, by Secrets Manager's own API. */
export class RotatedSecret {
  readonly #name: string;
  protected readonly client: SecretsManagerClient;

  constructor(
    name: string,
    config: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } },
  ) {
    const { endpoint, region, credentials } = config;
    this.#name = name;
    this.client = new SecretsManagerClient({ endpoint, region, credentials });
  }

  /** Switches its rotation on, which has it turned for the first time; makes it before, unless it is there. */
  protected async deployAs(first: () => Promise<string>): Promise<void> {
    const SecretId = this.#name;
    const made = await unlessMissing(this.client.send(new DescribeSecretCommand({ SecretId })));
    if (made === undefined) {
      await this.client.send(new CreateSecretCommand({ Name: SecretId, SecretString: await first() }));
    }
    if (made?.RotationEnabled) return;
    const RotationLambdaARN = functionArn(functionNameOf({ flow: "credential", name: "rotate" }));
    await this.client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN, RotationRules: RULES }));
  }

  /**
   * Asks for a rotation, as `aws secretsmanager rotate-secret` does.
   *
   * @returns the new version's ID; undefined where one is under way
   */
  async rotate(): Promise<string | undefined> {
    try {
      return (await this.client.send(new RotateSecretCommand({ SecretId: this.#name }))).VersionId;
    } catch (error) {
      if (error instanceof InvalidRequestException) return undefined;
      throw error;
    }
  }

  /** The text that is in force, and its version's ID. */
  protected async read(): Promise<{ text: string; versionId: string }> {
    const { SecretString: text = "", VersionId: versionId = "" } = await this.client.send(
      new GetSecretValueCommand({ SecretId: this.#name }),
    );
    return { text, versionId };
  }

  /** Every how many days its schedule has it turned; undefined where its rotation is off. */
  async everyDays(): Promise<number | undefined> {
    const { RotationEnabled, RotationRules } = await this.client.send(
      new DescribeSecretCommand({ SecretId: this.#name }),
    );
    return RotationEnabled ? RotationRules?.AutomaticallyAfterDays : undefined;
  }

  close(): void {
    this.client.destroy();
  }
}

export async function unlessMissing<Found>(asked: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
