/**
 * How bright an instance is: 1 when its newest sample is of now, falling to 0 as it reaches the age at which it is looked for. So
 * one that dies fades before it is found STALE.
 *
 * @param newest when it wrote its newest sample; undefined where it has written none lately
 */
export function brightness(newest: number | undefined, now: number, freshMs: number): number {
  if (newest === undefined) return 0;
  return Math.min(1, Math.max(0, 1 - (now - newest) / freshMs));
}
