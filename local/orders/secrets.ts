import {
  CreateSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import type { Login } from "../../functions/clients/authority.ts";
import type { DatabaseCredential } from "../../functions/shared/credential-settings.ts";
import { RotatedSecret, unlessMissing } from "../rotated-secret.ts";
import { MANAGER, MANAGER_SECRET, ORDERS_SECRET } from "./orders.ts";

/** As a deployment to AWS has its passwords drawn: 41 characters, each type, no punctuation. */
const DRAWN = { PasswordLength: 41, ExcludePunctuation: true, RequireEachIncludedType: true };

/** The secrets of the login that is shared here. */
export class OrdersSecrets extends RotatedSecret {
  constructor(config: ConstructorParameters<typeof RotatedSecret>[1]) {
    super(ORDERS_SECRET, config);
  }

  /** The login of the manager, drawn at the first time. */
  async manager(): Promise<Login> {
    const kept = await unlessMissing(this.client.send(new GetSecretValueCommand({ SecretId: MANAGER_SECRET })));
    if (kept !== undefined) return loginIn(kept.SecretString ?? "");
    const password = await drawn(this.client);
    const SecretString = JSON.stringify({ username: MANAGER, password });
    await this.client.send(new CreateSecretCommand({ Name: MANAGER_SECRET, SecretString }));
    return { user: MANAGER, password };
  }

  /**
   * Makes the secret as a stack on AWS makes it, unless it is there, with a password that the database does not know; then
   * switches its rotation on, which has it turned for the first time.
   */
  async deploy({ users, hosts, port, dbname, engine }: DatabaseCredential): Promise<void> {
    await this.deployAs(async () => {
      const password = await drawn(this.client);
      return JSON.stringify({ engine, host: hosts[0], port, dbname, username: users[0], password });
    });
  }

  /** The login that is in force. */
  async current(): Promise<Login & { versionId: string }> {
    const { text, versionId } = await this.read();
    return { ...loginIn(text), versionId };
  }
}

async function drawn(client: SecretsManagerClient): Promise<string> {
  return (await client.send(new GetRandomPasswordCommand(DRAWN))).RandomPassword ?? "";
}

function loginIn(text: string): Login {
  const { username, password } = JSON.parse(text) as { username: string; password: string };
  return { user: username, password };
}
