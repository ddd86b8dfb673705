import { createHash } from "node:crypto";

/** What happened, line by line: the same for the same seed. */
export class History {
  readonly lines: string[] = [];
  readonly #began: number;

  /** @param began milliseconds since 1970 */
  constructor(began: number) {
    this.#began = began;
  }

  /** `2 04:30:00.125  what happened` */
  note(now: number, what: string): void {
    this.lines.push(`${this.at(now)}  ${what}`);
  }

  /** A moment by the day it is, counted from 0, and the time: `2 04:30:00.125` */
  at(now: number): string {
    const ms = now - this.#began;
    const days = Math.floor(ms / 86_400_000);
    return `${days} ${new Date(ms).toISOString().slice(11, 23)}`;
  }

  /** SHA-256 of all of it. */
  digest(): string {
    return createHash("sha256").update(this.lines.join("\n")).digest("hex");
  }
}
