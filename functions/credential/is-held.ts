import { sameSecret } from "../../protocol/index.ts";
import type { Login } from "../clients/authority.ts";
import type { Secrets } from "../clients/secrets.ts";
import type { CredentialSettings } from "../shared/credential-settings.ts";
import { readLogin } from "./secret-value.ts";

/**
 * Whether the current version of a secret, the pending one or the one before holds this very token. Some issuers give a key the
 * same token again for as long as it is good, so that one which is not to be kept may be the one that somebody uses.
 *
 * Costs one look at the labels and one read for each of the three.
 */
export async function isHeld(
  secret: string,
  { password }: Login,
  settings: CredentialSettings,
  secrets: Secrets,
): Promise<boolean> {
  const { current, pending, predecessor } = (await secrets.stages(secret)) ?? {};
  for (const version of new Set([current, pending, predecessor])) {
    if (version === undefined) continue;
    if (isSameToken(readLogin(await secrets.read(secret, version), settings), password)) return true;
  }
  return false;
}

/** Compared in constant time. */
export function isSameToken(login: Login | undefined, token: string): boolean {
  return login !== undefined && sameSecret(login.password, token);
}
