import type { CredentialSettings } from "../shared/credential-settings.ts";

const AN_HOUR_MS = 3600_000;
/** Of a token's life: its turn begins at half of it, and is to be tried again some times in the other half. */
export const PART_OF_LIFE = 8;

/** How long a rotation that has failed is not tried again at the most, in milliseconds. */
export function longestPauseMs(credential: CredentialSettings): number {
  if (credential.kind === "database") return AN_HOUR_MS;
  return Math.min(AN_HOUR_MS, (credential.lifetimeSeconds * 1000) / PART_OF_LIFE);
}
