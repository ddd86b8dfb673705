import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../../agent/clock.ts";

/** A clock that stands still until the test moves it. */
export class HandClock implements Clock {
  #elapsed = 0;
  /** The time of day when nothing had elapsed. */
  #zero: number;
  #sleepers: { at: number; wake: () => void }[] = [];

  constructor(now = 1_763_600_000_000) {
    this.#zero = now;
  }

  now(): number {
    return this.#zero + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** Somebody sets the clock, by so many milliseconds forward or back; no time goes by. */
  setBy(ms: number): void {
    this.#zero += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { at: this.#elapsed + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      });
    });
  }

  /** In how many milliseconds the next sleeper wakes, or undefined if nobody sleeps. */
  get nextIn(): number | undefined {
    const times = this.#sleepers.map(({ at }) => at - this.#elapsed);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Moves on, waking sleepers in their order; lets all that follows from one happen before the next wakes. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settle();
    for (;;) {
      const next = this.#sleepers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.#elapsed = Math.max(this.#elapsed, next.at);
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      next.wake();
      await settle();
    }
    this.#elapsed = end;
  }
}

/** Lets promises that need no network or disk come to rest. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 10; round += 1) await setImmediate();
}
