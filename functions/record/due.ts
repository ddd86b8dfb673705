/** A rotation ends within an hour, whatever happens to it: so says its flow's own time-out. */
export const LONGEST_ROTATION_MS = 3600_000;

/**
 * When a newly registered instance is first due. Its ID, which is random, places it evenly in the interval, so that a
 * fleet that booted at once is not turned at once.
 *
 * @param now milliseconds since 1970
 * @param rotateEveryMs how old a key gets, in milliseconds
 * @returns milliseconds since 1970
 */
export function firstDueAt(id: string, now: number, rotateEveryMs: number): number {
  return now + Math.floor((Number.parseInt(id, 16) / 2 ** 24) * rotateEveryMs);
}
