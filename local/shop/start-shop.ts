import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import type { EmbeddedAws } from "embedded-aws";
import type { TokenCredential } from "../../functions/shared/credential-settings.ts";
import { type LocalIssuer, startIssuer } from "../issuer/start-issuer.ts";
import { lastingPorts } from "../lasting-ports.ts";
import { type ApiKey, ShopSecrets } from "./secrets.ts";
import { CLIENT_IDS, type ShopTimes, shopSettings } from "./shop.ts";

/** Where on 127.0.0.1 the issuer, with its resource, and the application listen. */
export interface ShopPorts {
  issuer: number;
  cart: number;
}

/** The issuer whose token is shared here, as Keyturn is deployed beside it. */
export interface Shop {
  ports: ShopPorts;
  /** For the functions. */
  settings: TokenCredential;
  keys: readonly ApiKey[];
}

/**
 * Starts the issuer of a data folder, which honours the tokens of earlier starts. Its API keys are drawn anew at each start, so
 * that they lie nowhere but in their secrets.
 */
export async function startShop(folder: string, times: ShopTimes): Promise<Shop & { issuer: LocalIssuer }> {
  const ports = await lastingPorts(folder, ["issuer", "cart"]);
  const keys = CLIENT_IDS.map((id) => ({ id, secret: randomBytes(32).toString("base64url") }));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const issuer = await startIssuer({
    ...{ folder, port: ports.issuer, clients: keys, tokensPerKey: "one" },
    ...{ lifetimeSeconds: times.lifetimeSeconds, now: Date.now, random: randomBytes },
  });
  const { tokenUrl, revocationUrl, resourceUrl: probeUrl } = issuer;
  return { ports, keys, issuer, settings: shopSettings({ tokenUrl, revocationUrl, probeUrl }, times) };
}

/**
 * Brings the token under Keyturn, and switches its rotation on, which has the first one fetched; what of this is done already
 * stays done.
 *
 * @param aws with Keyturn deployed on it, and the token among its settings
 */
export async function deployShop(
  { keys }: Pick<Shop, "keys">,
  aws: Pick<EmbeddedAws, "endpoint" | "region" | "credentials">,
): Promise<void> {
  const secrets = new ShopSecrets(aws);
  try {
    await secrets.deploy(keys);
  } finally {
    secrets.close();
  }
}
