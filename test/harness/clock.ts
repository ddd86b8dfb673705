import type { Clock as AwsClock } from "embedded-aws";
import type { Clock as AgentClock } from "../../agent/clock.ts";

interface Timer {
  at: number;
  run: () => void;
}

/** One clock for everybody, that stands still until it is moved: the flows', the functions' and the agents' time. */
export class HandClock implements AwsClock, AgentClock {
  #now: number;
  #timers: Timer[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now = (): number => this.#now;
  /** Nobody sets this clock. */
  monotonic = this.now;

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.after(ms, resolve);
      signal?.addEventListener("abort", () => {
        cancel();
        resolve();
      });
    });
  }

  /** Time goes by, too little for anybody to notice but who compares two moments. */
  tick(): void {
    this.#now += 1;
  }

  /** When the next timer is due, in milliseconds since 1970; undefined if there is none. */
  next(): number | undefined {
    return this.#timers.length === 0 ? undefined : Math.min(...this.#timers.map(({ at }) => at));
  }

  /** Moves on to a moment, never back, and lets the timers that are due then run, the earliest first. */
  moveTo(moment: number): void {
    this.#now = Math.max(this.#now, moment);
    const due = this.#timers.filter(({ at }) => at <= this.#now).sort((one, other) => one.at - other.at);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }
}
