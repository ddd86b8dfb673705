/**
 * What may go wrong in a step, under a name that the state machines know. The name is a literal: it becomes Lambda's
 * `errorType`, which `Retry` and `Catch` compare, and a minifier renames classes.
 *
 * The message says what is wrong, where, and what to do; it stands in the execution's history, so it holds no secret.
 */
export class StepError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** AWS did not answer, or asks for patience, after the SDK's own retries: the state machines try again. */
export const TEMPORARILY_UNAVAILABLE = "TemporarilyUnavailable";

/** What came in does not have the form that the step declares. */
export const INVALID_INPUT = "InvalidInput";
