import { AdaptiveRetryStrategy } from "@smithy/core/retry";
import { isTimeout, unreachedBy } from "./errors.ts";

/**
 * How often something is tried. Where AWS throttles or fails it helps to wait; where nobody answers it helps rarely, and somebody
 * sits before the screen.
 */
const ATTEMPTS = { ofAws: 7, unreached: 3, timedOut: 2 };

type Refresh = AdaptiveRetryStrategy["refreshRetryTokenForRetry"];

/** Slows down by itself, for as long as AWS throttles, and gives up early where nobody answers. */
export class Patience extends AdaptiveRetryStrategy {
  constructor() {
    super(async () => ATTEMPTS.ofAws);
  }

  override async refreshRetryTokenForRetry(...[token, failed]: Parameters<Refresh>): ReturnType<Refresh> {
    if (token.getRetryCount() + 1 >= attemptsOf(failed.error)) throw new Error("given up");
    return super.refreshRetryTokenForRetry(token, failed);
  }
}

function attemptsOf(error: unknown): number {
  if (isTimeout(error)) return ATTEMPTS.timedOut;
  return unreachedBy(error) === undefined ? ATTEMPTS.ofAws : ATTEMPTS.unreached;
}
