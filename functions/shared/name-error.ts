import { isThrottlingError, isTransientError } from "@smithy/core/retry";
import { StepError, TEMPORARILY_UNAVAILABLE } from "./errors.ts";

/** A service's word that KMS holds it back, as it does for an encrypted topic: the SDK knows KMS's own word only. */
const KMS_HOLDS_BACK = /^kmsthrottling/i;

/** Gives whatever a step throws the name that the state machines know it by. */
export function nameError(error: unknown): Error {
  if (error instanceof StepError) return error;
  if (!(error instanceof Error)) return new Error(`something that is no error was thrown: ${typeof error}`);
  // What the SDK itself would retry, and has.
  const isRetried = isTransientError(error as never) || isThrottlingError(error as never);
  if (isRetried || KMS_HOLDS_BACK.test(error.name)) {
    return new StepError(TEMPORARILY_UNAVAILABLE, `AWS could not be used: ${error.name}: ${error.message}`);
  }
  return error;
}
