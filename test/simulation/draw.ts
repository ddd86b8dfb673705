import { seededRandom } from "../functions/support.ts";

/** What is drawn of a seed: the same again for the same seed. */
export class Draw {
  readonly #bytes: (bytes: number) => Buffer;
  readonly agents: number;

  /**
   * @param seed each has a stream of its own: `7 thief`
   * @param agents how many there are to choose from
   */
  constructor(seed: string, agents: number) {
    this.#bytes = seededRandom(`simulation ${seed}`);
    this.agents = agents;
  }

  /** From 0 on, below 1. */
  fraction(): number {
    return this.#bytes(4).readUInt32BE() / 2 ** 32;
  }

  /** From `least` to `most`, both among them. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  one<Choice>(choices: readonly Choice[]): Choice {
    return choices[this.integer(0, choices.length - 1)] as Choice;
  }

  /** An agent, by its number. */
  agent(): number {
    return this.integer(0, this.agents - 1);
  }

  /** A span in milliseconds, the short ones far more often than the long ones. */
  span(leastMs: number, mostMs: number): number {
    return Math.round(leastMs * (mostMs / leastMs) ** this.fraction());
  }
}
