import type { Facts } from "../findings/finding.ts";
import { type CredentialSettings, keyOf, otherUser } from "../shared/credential-settings.ts";
import type { CredentialRecord } from "./record.ts";

/**
 * What people are told beside everything that is found of a token: whether it serves consumers and until when it is good, until
 * when the one before it is, and where the API key is that comes next, by which the other one is made or the former one revoked.
 * Nothing of a database's login.
 *
 * @param serves whether the token that was promoted last serves consumers, as far as is known; undefined where they fetch another
 */
export function tokenFacts(
  credential: CredentialSettings,
  { current, predecessor }: Pick<CredentialRecord, "current" | "predecessor">,
  serves: boolean | undefined,
): Pick<Facts, "kind" | "isRefused" | "goodUntil" | "formerUntil" | "keySecret"> {
  if (credential.kind !== "token") return {};
  const [goodUntil, formerUntil] = [serves ? current?.life?.to : undefined, predecessor?.life?.to];
  return {
    ...{ kind: "token", isRefused: serves === false },
    ...(goodUntil !== undefined && { goodUntil }),
    ...(formerUntil !== undefined && { formerUntil }),
    keySecret: keyOf(credential, predecessor?.user ?? otherUser(credential, current?.user)),
  };
}
