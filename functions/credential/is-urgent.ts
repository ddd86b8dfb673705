import type { CredentialRecord } from "./record.ts";

/** Of a token's life: in the rest of it the next one has to be fetched. */
const PART_OF_LIFE = 3 / 4;

/**
 * Whether so much of the current token's life is over that it is turned, whoever is behind: all who follow would be without one
 * soon. Mostly the former one has ended by itself long before; not so where it was turned early, or nobody knows its end.
 *
 * @param now milliseconds since 1970
 * @returns false for what has no end, as a database's login
 */
export function isUrgent({ current }: Pick<CredentialRecord, "current">, now: number): boolean {
  if (current?.life === undefined) return false;
  const { from, to } = current.life;
  return now >= from + (to - from) * PART_OF_LIFE;
}
