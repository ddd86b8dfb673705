/** A rotation ends within an hour, whatever happens to it: so says its flow's own time-out. */
export const LONGEST_ROTATION_MS = 3600_000;

/**
 * How far back samples speak for an instance, in sample intervals: so far they are read, and so long the former record of
 * an EC2 instance must have been silent before a newcomer takes its place.
 */
export const WINDOW_INTERVALS = 10;

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

/**
 * The name of the execution that is to turn a key: of the moment at which it fell due, so that whoever starts it twice, or
 * while it runs, starts nothing new. That moment is moved on when the key was turned or a failure was noted; should an
 * execution die without either, the name changes every hour, or every interval.
 *
 * @param at milliseconds since 1970, not before it fell due
 */
export function turnName(
  { id, dueAt }: { id: string; dueAt: number },
  { at, rotateEveryMs }: { at: number; rotateEveryMs: number },
): string {
  return `${id}-due-${dueAt}-${Math.floor((at - dueAt) / Math.min(rotateEveryMs, LONGEST_ROTATION_MS))}`;
}

const A_QUARTER_HOUR_MS = 15 * 60_000;
const AN_HOUR_MS = 3600_000;

/**
 * When an instance whose key could not be turned is tried again: soon, since most of what fails is over soon, and ever
 * more rarely the longer it goes on. It is waited for as long again as it has been failing, and for an hour at the most.
 *
 * @param since when it began to fail, in milliseconds since 1970
 * @param now milliseconds since 1970
 * @param rotateEveryMs how old a key gets; it is never waited for longer
 * @returns milliseconds since 1970
 */
export function againAt(since: number, now: number, rotateEveryMs: number): number {
  return now + Math.min(Math.max(now - since, A_QUARTER_HOUR_MS), AN_HOUR_MS, rotateEveryMs);
}
