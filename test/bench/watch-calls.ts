import type { CallRecord } from "embedded-aws";

/** The calls of AWS that the watch's steps make, counted: by step and operation. */
export class WatchCalls {
  #counts: Record<string, number> = {};

  /** To be told of each call. */
  onCall({ service, operation, principal }: CallRecord): void {
    const [, step] = /keyturn-watch-([a-z-]+)/.exec(principal.arn) ?? [];
    if (step === undefined) return;
    const what = `${step} ${service}:${operation}`;
    this.#counts[what] = (this.#counts[what] ?? 0) + 1;
  }

  /** What was counted since this was asked last. */
  take(): Record<string, number> {
    const counts = this.#counts;
    this.#counts = {};
    return counts;
  }
}
