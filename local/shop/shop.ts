import type { TokenCredential } from "../../functions/shared/credential-settings.ts";

/*
 * The token that is shared here: with it an application calls the shop's API. Everything of it has fixed names, so that what npm
 * start prints, and what documents tell to type, fits each time.
 */

/** The names of its secret, and of the secrets with the two API keys, of which the issuer honours one token each. */
export const SHOP_SECRET = "shop/token";
export const KEY_SECRETS = ["shop/api-key-1", "shop/api-key-2"] as const;

/** What the issuer calls the two API keys. */
export const CLIENT_IDS = ["shop-1", "shop-2"] as const;

/** Its consumer, which is seen by its proofs. */
export const CART = "cart";

/** All in seconds. */
export interface ShopTimes {
  /** How long nobody must have been seen on the former token. */
  quietSeconds: number;
  /** How long consumers are waited for. */
  deadlineSeconds: number;
  /** How long a token lasts. */
  lifetimeSeconds: number;
}

/** Where the issuer and its resource are asked. */
export type ShopUrls = Pick<TokenCredential, "tokenUrl" | "probeUrl"> & { revocationUrl: string };

/** What Keyturn is told of it, as settings of a deployment. */
export function shopSettings(urls: ShopUrls, times: ShopTimes): TokenCredential {
  return {
    name: SHOP_SECRET,
    kind: "token",
    users: ["token_a", "token_b"],
    ...urls,
    keys: KEY_SECRETS,
    tokensPerKey: "one",
    consumers: [{ name: CART, seenBy: "proofs" }],
    ...times,
  };
}
