import { claimed } from "../audit/asked.ts";
import type { CredentialRecord } from "./record.ts";

/**
 * Who asked for a rotation, for its audit line: as the execution's input claims, which mostly knows only that Secrets Manager
 * did; and as was noted under its token, where somebody asked by an event.
 *
 * @param asked.token the version's ID, where the execution was given one
 * @param asked.input of the execution, as it was given
 */
export function whoAsked(
  { requested }: Pick<CredentialRecord, "requested">,
  { token, input }: { token: string | undefined; input: unknown },
): ReturnType<typeof claimed> {
  const claims = claimed(input);
  const byEvent = requested.find((one) => one.token === token)?.requestedBy;
  return { ...claims, requestedBy: claims.requestedBy ?? byEvent };
}
