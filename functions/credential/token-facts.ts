import type { Facts } from "../findings/finding.ts";
import { type CredentialSettings, keyOf, otherUser } from "../shared/credential-settings.ts";
import type { CredentialRecord } from "./record.ts";

/**
 * What people are told beside everything that is found of a token: until when it is good, and the one before it, and where the
 * API key is that comes next, by which the other one is made or the former one revoked. Nothing of a database's login.
 *
 * @param isServed whether consumers are served by the version that Keyturn promoted last
 */
export function tokenFacts(
  credential: CredentialSettings,
  record: Pick<CredentialRecord, "current" | "predecessor"> | undefined,
  isServed: boolean,
): Pick<Facts, "kind" | "goodUntil" | "formerUntil" | "keySecret"> {
  if (credential.kind !== "token") return {};
  const { current, predecessor } = record ?? {};
  const [goodUntil, formerUntil] = [isServed ? current?.life?.to : undefined, predecessor?.life?.to];
  return {
    kind: "token",
    ...(goodUntil !== undefined && { goodUntil }),
    ...(formerUntil !== undefined && { formerUntil }),
    keySecret: keyOf(credential, predecessor?.user ?? otherUser(credential, current?.user)),
  };
}
