import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../../shared/errors.ts";
import { nameError } from "../../shared/name-error.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** How AWS's own policies begin with which it restrains the user of a key that it found: there are three of them so far. */
const QUARANTINE = /^AWSCompromisedKeyQuarantine/;

/** How long it is said why something could not be read. */
const WHY = 200;

/**
 * Looks whether nobody can sign with a key any more.
 *
 * @throws StepError StillActive; TemporarilyUnavailable
 */
export async function confirmGone(
  { accessKeyId, user }: InputOf<typeof contract>,
  { accessKeys }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const keys = (await accessKeys.keysOf(user)) ?? [];
  const key = keys.find((one) => one.accessKeyId === accessKeyId);
  if (key?.isActive) {
    const todo = `aws iam update-access-key --user-name ${user} --access-key-id ${accessKeyId} --status Inactive`;
    throw new StepError(
      "StillActive",
      `IAM says that ${accessKeyId} of the user ${user} is active still. To shut it: ${todo}`,
    );
  }
  const policies = await accessKeys.policiesOf(user).catch(unlessAway);
  return {
    is: key === undefined ? "GONE" : "INACTIVE",
    otherKeys: keys.filter((one) => one.isActive).map((one) => one.accessKeyId),
    ...(policies instanceof Error
      ? { unread: `${policies.name}: ${policies.message}`.slice(0, WHY) }
      : { quarantine: (policies ?? []).filter((name) => QUARANTINE.test(name)) }),
  };
}

/** What is away for a moment is asked again. Whatever else keeps the policies from being read, the key is told as shut, which it is. */
function unlessAway(thrown: unknown): Error {
  const error = nameError(thrown);
  if (error.name === TEMPORARILY_UNAVAILABLE) throw error;
  return error;
}
