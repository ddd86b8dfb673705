import { CreateSecretCommand, GetSecretValueCommand, PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import type { Login } from "../../functions/clients/authority.ts";
import { RotatedSecret, unlessMissing } from "../rotated-secret.ts";
import { KEY_SECRETS, SHOP_SECRET } from "./shop.ts";

/** An API key: OAuth's client. */
export interface ApiKey {
  id: string;
  secret: string;
}

/** The secrets of the token that is shared here. */
export class ShopSecrets extends RotatedSecret {
  constructor(config: ConstructorParameters<typeof RotatedSecret>[1]) {
    super(SHOP_SECRET, config);
  }

  /**
   * Puts the API keys into their secrets, as whoever got them from the issuer does; makes the token's secret as a stack on AWS
   * makes it, unless it is there, without a token; then switches its rotation on, which has the first one fetched.
   */
  async deploy(keys: readonly ApiKey[]): Promise<void> {
    for (const [n, key] of keys.entries()) await this.#keep(KEY_SECRETS[n] ?? KEY_SECRETS[0], key);
    await this.deployAs(async () => "{}");
  }

  /** The token that is in force; none before the first turn. */
  async current(): Promise<(Login & { versionId: string }) | undefined> {
    const { text, versionId } = await this.read();
    const { turn, access_token: password } = JSON.parse(text) as { turn?: string; access_token?: string };
    return turn === undefined || password === undefined ? undefined : { user: turn, password, versionId };
  }

  async #keep(SecretId: string, { id, secret }: ApiKey): Promise<void> {
    const SecretString = JSON.stringify({ client_id: id, client_secret: secret });
    const kept = await unlessMissing(this.client.send(new GetSecretValueCommand({ SecretId })));
    if (kept?.SecretString === SecretString) return;
    const put = kept
      ? new PutSecretValueCommand({ SecretId, SecretString })
      : new CreateSecretCommand({ Name: SecretId, SecretString });
    await this.client.send(put as CreateSecretCommand);
  }
}
