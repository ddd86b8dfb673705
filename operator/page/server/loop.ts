/** A read is followed by a pause of this many times what it took: who looks is a guest, also where a fleet is large. */
const PAUSE_FOR_EACH = 3;
const LONGEST_MS = 10_000;

/** Does something again and again while it is wanted: never twice at once, and never more often than it may, whoever comes and goes. */
export class Loop {
  readonly #leastMs: number;
  readonly #work: () => Promise<void>;
  #isWanted = false;
  #isRunning = false;
  #dueAt = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => undefined;

  /**
   * @param leastMs between the end of one time and the beginning of the next
   * @param work that does not throw
   */
  constructor(leastMs: number, work: () => Promise<void>) {
    this.#leastMs = leastMs;
    this.#work = work;
  }

  start(): void {
    this.#isWanted = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  /** What is under way comes to its end. */
  stop(): void {
    this.#isWanted = false;
    this.#wake();
  }

  /** Does it as soon as it can, where it is wanted at all. */
  soon(): void {
    this.#dueAt = Number.NEGATIVE_INFINITY;
    this.#wake();
  }

  async #run(): Promise<void> {
    while (this.#isWanted) {
      const restMs = this.#dueAt - performance.now();
      if (restMs > 0) {
        await this.#pause(restMs);
        continue;
      }
      const began = performance.now();
      await this.#work();
      const ended = performance.now();
      this.#dueAt = ended + Math.max(this.#leastMs, Math.min(LONGEST_MS, PAUSE_FOR_EACH * (ended - began)));
    }
    this.#isRunning = false;
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
