import type { CredentialRecord } from "./record.ts";

/** Of a token's life: in the rest of it the next one has to be fetched, whoever has not moved. */
const PART_OF_LIFE = 3 / 4;

/**
 * Until when consumers are waited for that go on with the former token: until it ends by itself, or not at all where somebody
 * has asked for its end. Of one that outlasts this, as it was turned early, or of which nobody knows when it ends, no longer
 * than most of the current one's life: else those who follow would be without a token for the sake of those who do not.
 *
 * @returns milliseconds since 1970; undefined where there is no such end, as for a database's user
 */
export function waitedUntil({
  current,
  predecessor,
}: Pick<CredentialRecord, "current" | "predecessor">): number | undefined {
  if (predecessor === undefined || current?.life === undefined) return undefined;
  const { from, to } = current.life;
  const latest = from + (to - from) * PART_OF_LIFE;
  return predecessor.forced ? from : Math.min(predecessor.life?.to ?? latest, latest);
}
