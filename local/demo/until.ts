import { setTimeout as pause } from "node:timers/promises";

const LOOK_AGAIN_MS = 50;
const PATIENCE_MS = 20_000;

/**
 * Looks again and again until something is there.
 *
 * @param what is waited for, for the sentence of the error
 * @throws Error after 20 seconds, or when `signal` aborts
 */
export async function until<T>(
  look: () => Promise<T | undefined | false>,
  what: string,
  signal: AbortSignal,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`gave up after ${PATIENCE_MS / 1000} s of waiting for ${what}`);
    await pause(LOOK_AGAIN_MS, undefined, { signal });
  }
}
