import type { Secrets } from "../clients/secrets.ts";
import { StepError } from "../shared/errors.ts";
import { CREDENTIAL_ERRORS } from "./errors.ts";

interface Version {
  /** The secret's name. */
  secret: string;
  /** The version's ID. */
  token: string;
}

/** Whether a version may still become the current one: it is pending, and not current already. */
export async function isStillPending({ secret, token }: Version, secrets: Secrets): Promise<boolean> {
  const stages = await secrets.stages(secret);
  return stages?.pending === token && stages.current !== token;
}

/** What is said where it may not. */
export function noLongerPending({ secret, token }: Version): StepError {
  const why = `The version ${token} of ${secret} is not pending any more: it is current by now, or was given up.`;
  return new StepError(CREDENTIAL_ERRORS.superseded, why);
}
