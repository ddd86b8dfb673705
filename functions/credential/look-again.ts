import type { CredentialSettings } from "../shared/credential-settings.ts";

const FIRST_PART = 8;
const GROWTH = 1.4;
const LONGEST_SECONDS = 6 * 3600;

/**
 * When it is worth while to look at the consumers again, in whole seconds, at least one. Where nothing is missing but quiet,
 * that is when it has been quiet for long enough. Else each look comes later than the one before, so that consumers that move
 * soon are seen soon, and a day of waiting is a dozen looks; but not after the deadline, or when a former token has ended.
 *
 * @param look.waits how often was waited already
 * @param look.since when the version was promoted, in milliseconds since 1970; undefined where nobody is waited for
 * @param look.quietUntil as the judgement has it
 * @param look.endsAt when the former one ends by itself, in milliseconds since 1970; undefined where it does not
 */
export function lookAgainInSeconds(
  {
    waits,
    now,
    since = now,
    quietUntil,
    endsAt = Number.POSITIVE_INFINITY,
  }: {
    waits: number;
    now: number;
    since?: number | undefined;
    quietUntil?: number | undefined;
    endsAt?: number | undefined;
  },
  { quietSeconds, deadlineSeconds }: Pick<CredentialSettings, "quietSeconds" | "deadlineSeconds">,
): number {
  const growing = Math.min((quietSeconds / FIRST_PART) * GROWTH ** waits, LONGEST_SECONDS);
  const left = (since - now) / 1000 + deadlineSeconds;
  const seconds = quietUntil === undefined ? Math.min(growing, left) : (quietUntil - now) / 1000;
  return Math.max(1, Math.ceil(Math.min(seconds, (endsAt - now) / 1000)));
}
