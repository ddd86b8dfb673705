import { setTimeout as pause } from "node:timers/promises";
import type { TurnedToken } from "./lab.ts";

const EVERY_MS = 100;

/** Whoever reads the current token again and again, and calls the resource with it. */
export class Looks {
  /** Each that was refused: by the version, and when, in milliseconds since 1970. */
  readonly refused: { versionId: string; at: number }[] = [];
  count = 0;
  readonly #token: TurnedToken;
  #isOver = false;
  readonly #looking: Promise<void>;

  constructor(token: TurnedToken) {
    this.#token = token;
    this.#looking = this.#look();
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      const current = await this.#token.version();
      const answer = await this.#token.answerTo(current);
      this.count += 1;
      if (answer !== 200) this.refused.push({ versionId: current.versionId, at: Date.now() });
      await pause(EVERY_MS);
    }
  }

  /** @throws what a look has come to that was no answer */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#looking;
  }
}
