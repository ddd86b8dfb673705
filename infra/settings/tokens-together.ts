import type { Check, Circumstances } from "./check.ts";
import { secretNameOf } from "./credential-fields.ts";
import { isToken } from "./credentials.ts";
import { type CredentialsAndMore, each, type Faults, periodsOf } from "./credentials-together.ts";
import { HALF_LIFE, lifetimeSecondsOf, type Token } from "./token.ts";

/** Below this, a turn would hardly be over before the next one, and a failure leaves too little time to mend it. */
const SHORTEST_HALF_LIFE_MINUTES = 20;
/** How often the watch is to look in the second half of a life, so that a look that fails is not the only one. */
const LOOKS_IN_A_HALF = 4;

/** What is wrong with tokens that are sound one by one. */
export const TOKEN_CHECKS: Check<CredentialsAndMore>[] = [
  { of: ["credentials"], faults: unseen },
  { of: ["credentials"], faults: keys },
  { of: ["credentials"], faults: sharedKeys },
  { of: ["credentials"], faults: lifetimes },
  { of: ["credentials", "watch"], faults: rareLooks },
];

function eachToken(settings: CredentialsAndMore): [place: string, token: Token][] {
  return each(settings).flatMap(([place, one]): [string, Token][] => (isToken(one) ? [[place, one]] : []));
}

/** A token has no sessions: who uses it, only he himself can show. */
function* unseen(settings: CredentialsAndMore): Faults {
  for (const [place, { consumers }] of eachToken(settings)) {
    for (const [i, { seenBy }] of consumers.entries()) {
      if (seenBy !== "sessions") continue;
      yield [`${place}.consumers.${i}.seenBy`, 'must be "proofs": a token has no sessions by which one could be seen'];
    }
  }
}

/** An API key is somebody else's secret, of which Keyturn reads alone. */
function* keys(settings: CredentialsAndMore): Faults {
  const { credentials } = settings;
  const owners = new Map(credentials.map(({ name }) => [name, `that of the credential ${name}`]));
  const managers = new Map(
    credentials.flatMap((one) => {
      if (isToken(one) || one.manager.secret === undefined) return [];
      return [[secretNameOf(one.manager.secret), `that of the manager of ${one.name}`] as const];
    }),
  );
  for (const [place, token] of eachToken(settings)) {
    const names = token.keys.map(secretNameOf);
    if (names[0] === names[1]) {
      yield [
        `${place}.keys.1`,
        "must be another secret: the two keys take turns; or leave it out, if there is one key",
      ];
    }
    if (names.length === 1 && token.tokensPerKey === "one") {
      yield [
        `${place}.keys`,
        'must be two where tokensPerKey is "one": with one key, the fetch of a new token would end the one in use; make a second key at the issuer',
      ];
    }
    for (const [i, name] of names.entries()) {
      const whose = owners.get(name) ?? managers.get(name);
      if (whose !== undefined)
        yield [`${place}.keys.${i}`, `must be a secret of its own, with an API key: it is ${whose}`];
    }
  }
}

/** Where a key has one token at a time, whoever fetches another by it ends that one. */
function* sharedKeys(settings: CredentialsAndMore): Faults {
  const tokens = eachToken(settings);
  for (const [n, [place, token]] of tokens.entries()) {
    for (const [i, key] of token.keys.entries()) {
      const name = secretNameOf(key);
      const other = tokens
        .slice(0, n)
        .map(([, one]) => one)
        .find((one) => one.keys.map(secretNameOf).includes(name));
      if (other === undefined || (other.tokensPerKey === "many" && token.tokensPerKey === "many")) continue;
      yield [
        `${place}.keys.${i}`,
        `must be another one than a key of ${other.name}: where tokensPerKey is "one", each would end the other's token`,
      ];
    }
  }
}

/**
 * Two periods: one in which a token is the current one, and one in which its consumers move and a turn that fails is tried
 * again. So there is always a token that is good for a period yet.
 */
function* lifetimes(settings: CredentialsAndMore, { now }: Circumstances): Faults {
  for (const [place, token] of eachToken(settings)) {
    const { schedule, tokenLifetime, deadlineMinutes } = token;
    const lifetime = lifetimeSecondsOf(tokenLifetime) / 60;
    const longest = periodsOf(token, now)?.longest;
    if (longest === undefined) continue;
    if (schedule === HALF_LIFE && longest < SHORTEST_HALF_LIFE_MINUTES) {
      const why = `since it is turned when half of that is over, and not more often than every ${SHORTEST_HALF_LIFE_MINUTES} minutes`;
      yield [
        `${place}.tokenLifetime`,
        `must be ${2 * SHORTEST_HALF_LIFE_MINUTES} minutes at least, ${why}; it is "${tokenLifetime}"`,
      ];
    } else if (lifetime < 2 * longest) {
      yield [
        `${place}.tokenLifetime`,
        `must be two periods of the schedule at least, whose longest pause is ${said(longest)}, or there would be times without a token; \
have it turned more often, or say "${HALF_LIFE}" as its schedule; it is "${tokenLifetime}"`,
      ];
    } else if (deadlineMinutes !== undefined && deadlineMinutes >= lifetime - longest) {
      yield [
        `${place}.deadlineMinutes`,
        `must be shorter than what a former token has left, ${said(lifetime - longest)}, or people would be told who has not moved when it has ended already; \
it is ${deadlineMinutes}`,
      ];
    }
  }
}

/** With "half-life" it is the watch that asks, and with every schedule it is what tries again. */
function* rareLooks(settings: CredentialsAndMore): Faults {
  const { freshnessMinutes } = settings.watch;
  for (const [place, { tokenLifetime }] of eachToken(settings)) {
    const half = lifetimeSecondsOf(tokenLifetime) / 120;
    if (half >= LOOKS_IN_A_HALF * freshnessMinutes) continue;
    const least = said(2 * LOOKS_IN_A_HALF * freshnessMinutes);
    yield [
      `${place}.tokenLifetime`,
      `must be ${least} at least with a keyturn.watch.freshnessMinutes of ${freshnessMinutes}, so that the watch looks ${LOOKS_IN_A_HALF} times in its second half; \
it is "${tokenLifetime}"`,
    ];
  }
}

/** @param minutes above 0, e.g. 1440 for `1 day` */
function said(minutes: number): string {
  const [n, unit] =
    minutes % 1440 === 0 ? [minutes / 1440, "day"] : minutes % 60 === 0 ? [minutes / 60, "hour"] : [minutes, "minute"];
  return `${Math.floor(n)} ${unit}${n === 1 ? "" : "s"}`;
}
