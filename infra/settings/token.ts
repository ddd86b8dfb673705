import * as z from "zod/mini";
import { TOKENS_PER_KEY } from "../../functions/shared/credential-settings.ts";
import { ANY_CREDENTIAL, foreignSecret } from "./credential-fields.ts";
import { checked, group, oneOf, text, whole } from "./forms.ts";
import { faultOfRotationSchedule } from "./rotation-schedule.ts";

const ADDRESS = 'must be an address that begins with https, e.g. "https://login.example.com/oauth2/token"';

const OR_NONE = `${ADDRESS}, or "none" where the issuer has none`;

/** What is wrong with an address that a key or a token is to be said to. */
function faultOfAddress(given: string): string | undefined {
  // A sentence that does not say what it must be does not repeat what is there, either: a password.
  if (/^[^/]*\/\/[^/?#]*@/.test(given)) {
    return "has a user or a password in it: take it out, the API key stands in the secrets of keys";
  }
  if (URL.parse(given)?.protocol !== "https:" || !/^[\x21-\x7e]{1,500}$/.test(given)) return ADDRESS;
  return given.includes("#") ? "must be without what follows a #, which is never sent" : undefined;
}

/** `scope-token *( SP scope-token )` of RFC 6749, section 3.3. */
const SCOPE = /^(?=.{1,500}$)[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

const LIFETIME = /^([1-9]\d{0,8}) (second|minute|hour|day)s?$/;
const SECONDS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 };
const MOST_DAYS = 3650;

/**
 * How many seconds a token lasts.
 *
 * @param lifetime e.g. `40 minutes`, `1 hour`, `60 days`
 * @returns NaN for what is none
 */
export function lifetimeSecondsOf(lifetime: string): number {
  const [, amount, unit = ""] = LIFETIME.exec(lifetime) ?? [];
  return Number(amount) * (SECONDS[unit] ?? Number.NaN);
}

function faultOfLifetime(lifetime: string): string | undefined {
  const seconds = lifetimeSecondsOf(lifetime);
  if (Number.isNaN(seconds)) return 'must be like "40 minutes", "2 hours" or "60 days" (seconds, minutes, hours, days)';
  return seconds > MOST_DAYS * 86_400 ? `must be ${MOST_DAYS} days at the most` : undefined;
}

/** Secrets Manager's own schedule is not asked: the watch asks when half of a token's life is over. */
export const HALF_LIFE = "half-life";

/** A bearer token of an OAuth 2 issuer: where it is issued and honoured, and by which API keys. */
export const token = group({
  kind: z.literal("token"),
  ...ANY_CREDENTIAL,
  tokenUrl: checked(ADDRESS, faultOfAddress),
  revocationUrl: checked(OR_NONE, (given) => {
    const fault = given === "none" ? undefined : faultOfAddress(given);
    return fault === ADDRESS ? OR_NONE : fault;
  }),
  probeUrl: checked(ADDRESS, faultOfAddress),
  keys: z
    .array(foreignSecret, "must be a list of one or two secrets with API keys")
    .check(z.minLength(1, "must name one secret at least"), z.maxLength(2, "must name two secrets at the most")),
  tokensPerKey: oneOf(TOKENS_PER_KEY),
  scope: z.optional(
    text(
      SCOPE,
      'must be what OAuth calls a scope: words of visible ASCII without " and \\, with one blank between them',
    ),
  ),
  tokenLifetime: checked("must be how long the issuer says that a token lasts", faultOfLifetime),
  schedule: checked("must be when it is turned", (given) =>
    given === HALF_LIFE ? undefined : faultOfRotationSchedule(given, `, or "${HALF_LIFE}"`),
  ),
  deadlineMinutes: z.optional(whole(1, 18_720)),
});

export type Token = z.infer<typeof token>;

const A_DAY_SECONDS = 86_400;

/**
 * How long consumers are waited for. Where it is not said: half-way between the quiet time, before which nobody has moved, and
 * half of a token's life, which the former one has left at least; and no longer than a day after the quiet time.
 */
export function deadlineSecondsOf({ deadlineMinutes, quietMinutes, tokenLifetime }: Token): number {
  if (deadlineMinutes !== undefined) return deadlineMinutes * 60;
  const quiet = quietMinutes * 60;
  return Math.floor(Math.min(quiet + A_DAY_SECONDS, (quiet + lifetimeSecondsOf(tokenLifetime) / 2) / 2));
}
