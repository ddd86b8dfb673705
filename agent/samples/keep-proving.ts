import { backoff, type Fraction } from "../backoff.ts";
import { sentenceOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { isNotThisStore } from "../series/open.ts";
import type { Progress } from "../state/progress.ts";
import { type SampleParts, writeSample } from "./write-sample.ts";

export interface KeepProvingParts extends SampleParts {
  /** Until it is told another one. */
  intervalSeconds: number;
  fraction: Fraction;
  progress: Progress;
  log: Log;
  /** Called when AWS takes no samples there, or none of this instance: others may have to go elsewhere. */
  onNotThisStore: () => void;
}

/** The loop that writes samples, and what others may tell it. */
export interface Proving {
  /** Writes a sample at once, and from then on one each `intervalSeconds`. */
  wake(intervalSeconds: number): void;
  /** Goes on until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const FIRST_RETRY_MS = 1_000;

/**
 * Writes a sample each interval. The ticks stand at fixed moments, so that they do not drift by what a call takes;
 * where they stand within the interval is drawn once, so that a fleet that started together does not call together.
 */
export function keepProving(parts: KeepProvingParts): Proving {
  const { clock, fraction, progress, log } = parts;
  const phase = fraction();
  let intervalMs = parts.intervalSeconds * 1000;
  let failures = 0;
  let woken = false;
  let sleeping = new AbortController();

  async function prove(signal: AbortSignal): Promise<void> {
    try {
      const proved = await writeSample(parts, signal);
      failures = 0;
      if (proved === undefined) {
        log.warn("There is no key yet: no sample was written.");
        return;
      }
      await progress.note({ sampledAt: proved.timeMs });
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      log.warn(`No sample was written: ${sentenceOf(error)}`);
      if (isNotThisStore(error)) parts.onNotThisStore();
    }
  }

  function waitMs(): number {
    // Looked at once: a clock that is set between two looks would make the wait as long as it was set back.
    const now = clock.now();
    const untilTick = nextTick(now, intervalMs, phase * intervalMs) - now;
    if (failures === 0) return untilTick;
    return Math.min(untilTick, backoff(failures, { firstMs: FIRST_RETRY_MS, mostMs: intervalMs }, fraction));
  }

  return {
    wake(intervalSeconds) {
      intervalMs = intervalSeconds * 1000;
      woken = true;
      sleeping.abort();
    },
    async run(signal) {
      while (!signal.aborted) {
        if (!woken) {
          sleeping = new AbortController();
          await clock.sleep(waitMs(), AbortSignal.any([signal, sleeping.signal]));
        }
        if (signal.aborted) return;
        woken = false;
        await prove(signal);
      }
    },
  };
}

/** The first moment after `now` that lies `phaseMs` into an interval; intervals are counted from 1970. */
export function nextTick(now: number, intervalMs: number, phaseMs: number): number {
  return (Math.floor((now - phaseMs) / intervalMs) + 1) * intervalMs + phaseMs;
}
