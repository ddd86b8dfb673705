/** A number of at least 0 and below 1, as Math.random gives. */
export type Fraction = () => number;

/**
 * How long to wait before the next attempt: exponential back-off with full jitter, so that a fleet that lost AWS at the
 * same moment does not come back at the same moment.
 *
 * @param failures how many attempts in a row have failed, from 1
 * @param limits milliseconds: the ceiling after the first failure, and the highest ceiling
 * @returns milliseconds between 0 and the ceiling, which doubles with each failure
 */
export function backoff(failures: number, limits: { firstMs: number; mostMs: number }, fraction: Fraction): number {
  const ceiling = Math.min(limits.mostMs, limits.firstMs * 2 ** (failures - 1));
  return Math.floor(fraction() * ceiling);
}
