import type { CredentialSettings } from "../shared/credential-settings.ts";
import type { CredentialRecord } from "./record.ts";

const AN_HOUR_MS = 3600_000;
/** Of a token's life: its turn begins at half of it, and is to be tried again some times in the other half. */
export const PART_OF_LIFE = 8;

/** How long a rotation that has failed is not tried again at the most, in whole milliseconds. */
export function longestPauseMs(credential: CredentialSettings): number {
  if (credential.kind === "database") return AN_HOUR_MS;
  return Math.min(AN_HOUR_MS, Math.floor((credential.lifetimeSeconds * 1000) / PART_OF_LIFE));
}

/**
 * How long one that has failed just now is not tried again at the most, in milliseconds: where the current token ends soon, half of
 * what is left of it, so that what was in the way until shortly before its end is noticed to be gone. Whole milliseconds: the time
 * of the next try is one of the numbers that name the next request (`tokenOfRequest`), and a frame takes none with a fraction.
 *
 * @param now milliseconds since 1970
 */
export function pauseMs(
  credential: CredentialSettings,
  { current }: Pick<CredentialRecord, "current">,
  now: number,
): number {
  const left = (current?.life?.to ?? Number.POSITIVE_INFINITY) - now;
  return left > 0 ? Math.min(longestPauseMs(credential), Math.floor(left / 2)) : longestPauseMs(credential);
}
