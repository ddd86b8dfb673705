import type { Use as Proof } from "../../protocol/index.ts";

/** The use proofs that consumers have written to the time series. */
export interface Uses {
  /**
   * The last use of each version by each consumer on each instance, as it was written, newest first: whether its proof proves
   * anything is for the caller. What has not the form of a use is passed over before it counts; so is what bears a time
   * outside of the window.
   *
   * @param window.from in milliseconds since 1970, inclusive, and so is `to`
   * @throws StepError TooManyUses where so much lies there that it cannot be read to its end: somebody floods it
   */
  of(secret: string, window: { from: number; to: number }): Promise<Proof[]>;
}

/** How many stored things of one secret are read. A fleet's consumers write some thousands at the most. */
export const MOST_USES = 20_000;
