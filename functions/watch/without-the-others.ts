import { ServiceException } from "@smithy/core/client";
import type { Tellers } from "../findings/alter.ts";
import type { Found } from "../findings/finding.ts";
import { openFinding } from "../findings/open.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../shared/errors.ts";
import { nameError } from "../shared/name-error.ts";

/**
 * Does something with one of many. If that cannot be done, it is told of and passed over: the look is there for the others.
 *
 * @param about what people are told of it, but for the cause and what was said
 * @throws StepError TemporarilyUnavailable where AWS is away: the step is tried again
 */
export async function withoutTheOthers(
  about: Omit<Found, "cause">,
  tellers: Tellers,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const named = nameError(error);
    if (named.name === TEMPORARILY_UNAVAILABLE) throw named;
    const facts = { ...about.facts, said: `${named.name}: ${named.message}` };
    await openFinding({ ...about, ...causeOf(named), facts }, tellers);
  }
}

/** What people are to mend: the item itself, unless the error has another name that says more. */
function causeOf(error: Error): Pick<Found, "cause"> {
  // What AWS does not take as valid comes from the item.
  const isOfAws = error instanceof ServiceException && error.name !== "ValidationException";
  return isOfAws || error instanceof StepError ? { cause: error.name } : { cause: "RecordUnreadable" };
}
