import type { Clock as AwsClock } from "embedded-aws";
import type { Clock as AgentClock } from "../../agent/clock.ts";

interface Timer {
  at: number;
  run: () => void;
}

/** One clock for everybody, that stands still until it is moved: the flows', the functions' and the agents' time. */
export class HandClock implements AwsClock, AgentClock {
  #now: number;
  /** The one that is due first stands last; of one moment, the one that was set first. */
  readonly #timers: Timer[] = [];
  /** Those that were taken back stay where they are until they are due. */
  readonly #waiting = new Set<Timer>();

  constructor(now: number) {
    this.#now = now;
  }

  now = (): number => this.#now;
  /** Nobody sets this clock. */
  monotonic = this.now;

  after(ms: number, run: () => void): () => void {
    // Clocks show whole milliseconds.
    const timer = { at: Math.ceil(this.#now + ms), run };
    let [low, high] = [0, this.#timers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timers[middle]?.at ?? 0) > timer.at) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
    this.#waiting.add(timer);
    return () => void this.#waiting.delete(timer);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        cancel();
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const cancel = this.after(ms, end);
      signal?.addEventListener("abort", end);
    });
  }

  /** Time goes by, too little for anybody to notice but who compares two moments. */
  tick(): void {
    this.#now += 1;
  }

  /** When the next timer is due, in milliseconds since 1970; undefined if there is none. */
  next(): number | undefined {
    for (let last = this.#timers.at(-1); last !== undefined; last = this.#timers.at(-1)) {
      if (this.#waiting.has(last)) return last.at;
      this.#timers.pop();
    }
    return undefined;
  }

  /** Moves on to a moment, never back, and lets the timers that are due then run, the earliest first. */
  moveTo(moment: number): void {
    this.#now = Math.max(this.#now, moment);
    const due: Timer[] = [];
    for (let at = this.next(); at !== undefined && at <= this.#now; at = this.next()) {
      const timer = this.#timers.pop();
      if (timer !== undefined && this.#waiting.delete(timer)) due.push(timer);
    }
    for (const { run } of due) run();
  }
}
