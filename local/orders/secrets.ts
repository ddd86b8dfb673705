import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  ResourceNotFoundException,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { functionArn } from "embedded-aws";
import type { Login } from "../../functions/clients/authority.ts";
import type { DatabaseCredential } from "../../functions/shared/credential-settings.ts";
import { functionNameOf } from "../../functions/steps.ts";
import { MANAGER, MANAGER_SECRET, ORDERS_SECRET } from "./orders.ts";

/** As a deployment to AWS has its passwords drawn: 41 characters, each type, no punctuation. */
const DRAWN = { PasswordLength: 41, ExcludePunctuation: true, RequireEachIncludedType: true };

/** What a deployment to AWS would ask for; here somebody asks more often than any schedule of Secrets Manager may. */
const RULES = { AutomaticallyAfterDays: 30 };

/** The secrets of the credential that is shared here, by Secrets Manager's own API. */
export class OrdersSecrets {
  readonly #client: SecretsManagerClient;

  constructor(config: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  }) {
    this.#client = new SecretsManagerClient(config);
  }

  /** The login of the manager, drawn at the first time. */
  async manager(): Promise<Login> {
    const kept = await unlessMissing(this.#client.send(new GetSecretValueCommand({ SecretId: MANAGER_SECRET })));
    if (kept !== undefined) return loginIn(kept.SecretString ?? "");
    const password = await this.#draw();
    const SecretString = JSON.stringify({ username: MANAGER, password });
    await this.#client.send(new CreateSecretCommand({ Name: MANAGER_SECRET, SecretString }));
    return { user: MANAGER, password };
  }

  /**
   * Makes the secret as a stack on AWS makes it, unless it is there, with a password that the database does not know; then
   * switches its rotation on, which has it turned for the first time.
   */
  async deploy({ users, hosts, port, dbname, engine }: DatabaseCredential): Promise<void> {
    const made = await unlessMissing(this.#client.send(new DescribeSecretCommand({ SecretId: ORDERS_SECRET })));
    if (made === undefined) {
      const value = { engine, host: hosts[0], port, dbname, username: users[0], password: await this.#draw() };
      await this.#client.send(new CreateSecretCommand({ Name: ORDERS_SECRET, SecretString: JSON.stringify(value) }));
    }
    if (made?.RotationEnabled) return;
    const RotationLambdaARN = functionArn(functionNameOf({ flow: "credential", name: "rotate" }));
    const set = { SecretId: ORDERS_SECRET, RotationLambdaARN, RotationRules: RULES };
    await this.#client.send(new RotateSecretCommand(set));
  }

  /**
   * Asks for a rotation, as `aws secretsmanager rotate-secret` does.
   *
   * @returns the new version's ID; undefined where one is under way
   */
  async rotate(): Promise<string | undefined> {
    try {
      return (await this.#client.send(new RotateSecretCommand({ SecretId: ORDERS_SECRET }))).VersionId;
    } catch (error) {
      if (error instanceof InvalidRequestException) return undefined;
      throw error;
    }
  }

  /** The login that is in force. */
  async current(): Promise<Login & { versionId: string }> {
    const { SecretString = "", VersionId: versionId = "" } = await this.#client.send(
      new GetSecretValueCommand({ SecretId: ORDERS_SECRET }),
    );
    return { ...loginIn(SecretString), versionId };
  }

  /** Every how many days its schedule has it turned; undefined where its rotation is off. */
  async everyDays(): Promise<number | undefined> {
    const { RotationEnabled, RotationRules } = await this.#client.send(
      new DescribeSecretCommand({ SecretId: ORDERS_SECRET }),
    );
    return RotationEnabled ? RotationRules?.AutomaticallyAfterDays : undefined;
  }

  close(): void {
    this.#client.destroy();
  }

  async #draw(): Promise<string> {
    return (await this.#client.send(new GetRandomPasswordCommand(DRAWN))).RandomPassword ?? "";
  }
}

async function unlessMissing<Found>(asked: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function loginIn(text: string): Login {
  const { username, password } = JSON.parse(text) as { username: string; password: string };
  return { user: username, password };
}
