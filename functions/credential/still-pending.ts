import type { Secrets } from "../clients/secrets.ts";
import { StepError } from "../shared/errors.ts";
import { CREDENTIAL_ERRORS } from "./errors.ts";

interface Turn {
  /** The secret's name. */
  secret: string;
  /** The version's ID. */
  token: string;
  /** The version that was in force when the turn was judged. */
  current: { versionId: string };
}

/**
 * Whether a version may still become the current one: it is pending, and what was in force is so still. A request that was
 * held up may bring the label back to a version whose user another one has since; nobody may set him then.
 */
export async function isStillPending({ secret, token, current }: Turn, secrets: Secrets): Promise<boolean> {
  const stages = await secrets.stages(secret);
  return stages?.pending === token && stages.current === current.versionId;
}

/** What is said where it may not. */
export function noLongerPending({ secret, token }: Pick<Turn, "secret" | "token">): StepError {
  const why = `The version ${token} of ${secret} is not pending any more: it is current by now, or was given up.`;
  return new StepError(CREDENTIAL_ERRORS.superseded, why);
}
