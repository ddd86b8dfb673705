/** So many steps of brightness can be told from each other; between two of them, nothing is drawn. */
const STEPS = 20;

/**
 * How bright an instance is: 1 when its newest sample is of now, falling to 0 as it reaches the age at which it is looked for. So
 * one that dies fades before it is found STALE.
 *
 * @param newest when it wrote its newest sample; undefined where it has written none lately
 * @returns in steps of a twentieth
 */
export function brightness(newest: number | undefined, now: number, freshMs: number): number {
  if (newest === undefined) return 0;
  return Math.round(Math.min(1, Math.max(0, 1 - (now - newest) / freshMs)) * STEPS) / STEPS;
}

/**
 * For how long an instance has been silent, once that is half of what makes it STALE: brightness in words.
 *
 * @returns milliseconds; `undefined` while it is not, infinite where its newest sample is older than anybody looks for
 */
export function silentMs(newest: number | undefined, now: number, freshMs: number): number | undefined {
  if (newest === undefined) return Number.POSITIVE_INFINITY;
  return now - newest > freshMs / 2 ? now - newest : undefined;
}
