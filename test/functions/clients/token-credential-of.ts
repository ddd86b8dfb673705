import type { TokenCredential } from "../../../functions/shared/credential-settings.ts";

/** Settings of a token, of which some are others. */
export function tokenCredentialOf(change: Partial<TokenCredential> = {}): TokenCredential {
  return {
    name: "orders/token",
    kind: "token",
    users: ["token_a", "token_b"],
    tokenUrl: "http://127.0.0.1:1/token",
    revocationUrl: "http://127.0.0.1:1/revoke",
    probeUrl: "http://127.0.0.1:1/resource",
    keys: ["orders/key-a", "orders/key-b"],
    tokensPerKey: "many",
    lifetimeSeconds: 60,
    consumers: [],
    quietSeconds: 5,
    deadlineSeconds: 30,
    ...change,
  };
}
