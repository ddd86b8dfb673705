import { keyOf, otherUser, type TokenCredential } from "../shared/credential-settings.ts";
import type { CredentialRecord } from "./record.ts";

/** More than that can only be given up by an issuer whose tokens are refused each time. */
const MOST_ISSUED = 20;

type Remembering = Pick<CredentialRecord, "issued" | "madeBy">;

/**
 * A record that remembers of a version that its token may be honoured, until it is retired.
 *
 * @param key the secret with the API key by which it is asked for; what is known of that stays if it is left out
 */
export function withIssued<Written extends Remembering>(record: Written, version: string, key?: string): Written {
  const { issued = [], madeBy = {} } = record;
  const known = issued.includes(version) ? issued : [...issued, version].slice(-MOST_ISSUED);
  return { ...record, ...remembering(known, key === undefined ? madeBy : { ...madeBy, [version]: key }) };
}

/** What a record remembers of these versions. */
export function remembering(issued: string[], madeBy: Record<string, string> = {}): Remembering {
  const kept = Object.entries(madeBy).filter(([version]) => issued.includes(version));
  return { issued, ...(kept.length > 0 && { madeBy: Object.fromEntries(kept) }) };
}

/**
 * The one of the two whose key has made a version's token: mostly the one whose turn it was. Not so where the keys were set anew
 * since, or where it was made by the only key that was not refused.
 *
 * @returns undefined where that is not known, or the settings do not name that key any more
 */
export function makerOf(
  { madeBy = {} }: Remembering,
  version: string | undefined,
  settings: TokenCredential,
): string | undefined {
  const key = version !== undefined && Object.hasOwn(madeBy, version) ? madeBy[version] : undefined;
  return settings.users.find((user) => keyOf(settings, user) === key);
}

/** By whose key the next token is asked for: never by the one that has made the current one, where there are two. */
export function makerOfNext(
  record: Remembering,
  { current, other }: { current: { versionId: string }; other: { user: string } },
  settings: TokenCredential,
): string {
  const maker = makerOf(record, current.versionId, settings);
  return maker === undefined ? other.user : otherUser(settings, maker);
}
