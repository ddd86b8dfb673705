import { setTimeout as delay } from "node:timers/promises";

/** Time, as a parameter, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since 1970. Whoever sets the clock moves it, forward and back: no duration is measured by it. */
  now(): number;
  /** Milliseconds since some moment that go on evenly, whatever the clock is set to: what durations are measured by. */
  monotonic(): number;
  /** Waits so many milliseconds, or until `signal` aborts: then it simply returns early. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(Math.max(0, ms), undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // The only way for a delay to fail is that it was aborted, and that is no failure here.
      if (!signal?.aborted) throw error;
    }
  },
};

/**
 * Waits for `work`, but no longer than so many milliseconds.
 *
 * @returns whether it came to its end by then
 * @throws whatever `work` throws by then
 */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([work.then(() => true), clock.sleep(ms, over.signal).then(() => false)]);
  } finally {
    over.abort();
  }
}
