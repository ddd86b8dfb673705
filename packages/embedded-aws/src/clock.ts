/** Time, as a parameter: services neither read the system's clock nor set timers themselves. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` once after `ms` milliseconds; the function returned takes that back. */
  after(ms: number, run: () => void): () => void;
}

/** setTimeout's longest delay; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    let timer: NodeJS.Timeout;
    const wait = (left: number) => {
      timer = setTimeout(() => (left > LONGEST_MS ? wait(left - LONGEST_MS) : run()), Math.min(left, LONGEST_MS));
    };
    wait(Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};
