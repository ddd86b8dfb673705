import { keyOf, type TokenCredential } from "../shared/credential-settings.ts";
import { StepError } from "../shared/errors.ts";
import { type Answer, AUTHORITY_ERRORS, type Login } from "./authority.ts";
import type { Issuer } from "./issuer.ts";

interface KeptToken {
  /** The secret with the key that it was made by. */
  key: string;
  /** Milliseconds since 1970. */
  endsAt: number;
  isRevoked: boolean;
}

export interface FakeIssuer extends Issuer {
  /** Every token that was ever issued. */
  tokens: Map<string, KeptToken>;
  /** How long the next token lasts; the issuer says so, unless `saysNoLifetime`. */
  lifetimeSeconds: number;
  saysNoLifetime: boolean;
  /** Whether issuer and probe are away. */
  isAway: boolean;
  /** Whether the probe alone is. */
  isProbeAway: boolean;
  /** Whether it asks to come again much later. */
  putsOff: boolean;
  /** The secrets with keys that it refuses. */
  refusedKeys: Set<string>;
  /** Whether what it answers is no token, and no yes to a revocation. */
  answersUnfit: boolean;
  /** Whether it says yes to a revocation and revokes nothing. */
  revokesNothing: boolean;
  /** Whether it gives a key the same token again for as long as that is good. */
  givesAgain: boolean;
  /** Whether its settings do not do, so that it is asked nothing. */
  isUnwilling: boolean;
  /** Whether it honours a token, as the probe would say. */
  honours(token: string): boolean;
  /** The same issuer, of which each request that changes something passes through what is given. */
  through(pass: PassRequest): Issuer;
}

/** Has a request made: it may fail, or never come back. */
export type PassRequest = <T>(request: "issue" | "revoke", run: () => Promise<T>) => Promise<T>;

const HOST = "api.example";

/**
 * An issuer in memory, and the resource that its tokens open.
 *
 * @param now milliseconds since 1970
 */
export function fakeIssuer(settings: TokenCredential, now: () => number = Date.now): FakeIssuer {
  const { name, tokensPerKey, revocationUrl } = settings;
  const tokens: FakeIssuer["tokens"] = new Map();

  function demandWilling(): void {
    if (!fake.isUnwilling) return;
    throw new StepError(AUTHORITY_ERRORS.unwilling, `The settings of the credential ${name} do not do.`);
  }

  /** What it says before it does anything. */
  function demandKey(key: string): void {
    if (fake.isAway) throw new StepError(AUTHORITY_ERRORS.unreachable, "The issuer cannot be reached.");
    if (fake.putsOff) throw new StepError(AUTHORITY_ERRORS.putsOff, "The issuer asks to come again in 3600 s.");
    if (!fake.refusedKeys.has(key)) return;
    throw new StepError(AUTHORITY_ERRORS.keyRefused, `The issuer refuses the API key in ${key}: invalid_client`);
  }

  function honours(token: string): boolean {
    const kept = tokens.get(token);
    return kept !== undefined && !kept.isRevoked && now() < kept.endsAt;
  }

  function issueBy(key: string): string {
    const [given] = [...tokens].find(([token, kept]) => kept.key === key && honours(token)) ?? [];
    if (fake.givesAgain && given !== undefined) return given;
    if (tokensPerKey === "one") {
      for (const kept of tokens.values()) if (kept.key === key) kept.isRevoked = true;
    }
    const token = `token-${tokens.size + 1}-of-${key}`;
    tokens.set(token, { key, endsAt: now() + fake.lifetimeSeconds * 1000, isRevoked: false });
    return token;
  }

  function answerTo(token: string): Answer {
    if (fake.isAway || fake.isProbeAway) return { host: HOST, says: "UNREACHABLE", words: "it is away" };
    return honours(token) ? { host: HOST, says: "ACCEPTED" } : { host: HOST, says: "REFUSED", words: "it answers 401" };
  }

  const through = (pass: PassRequest): Issuer => ({
    async accepts({ password }: Login) {
      demandWilling();
      return [answerTo(password)];
    },

    async issue(user, mayGoOn) {
      demandWilling();
      if (!(await mayGoOn())) return undefined;
      return pass("issue", async () => {
        const key = keyOf(settings, user);
        demandKey(key);
        if (fake.answersUnfit) throw new StepError(AUTHORITY_ERRORS.answerUnfit, "The issuer's answer is no token.");
        const token = issueBy(key);
        const left = Math.floor(((tokens.get(token)?.endsAt ?? 0) - now()) / 1000);
        return { token, lifetimeSeconds: fake.saysNoLifetime ? undefined : left };
      });
    },

    async revoke({ user, password }, mayGoOn) {
      demandWilling();
      if (revocationUrl === undefined || !(await mayGoOn())) return false;
      await pass("revoke", async () => {
        const key = keyOf(settings, user);
        demandKey(key);
        if (fake.answersUnfit) throw new StepError(AUTHORITY_ERRORS.answerUnfit, "The issuer answers with a redirect.");
        const kept = tokens.get(password);
        // Of another key's token it says yes, too, and does nothing (RFC 7009, sections 2.1 and 2.2).
        if (kept?.key === key && !fake.revokesNothing) kept.isRevoked = true;
      });
      return true;
    },
  });

  const fake: FakeIssuer = {
    ...through((_, run) => run()),
    tokens,
    lifetimeSeconds: settings.lifetimeSeconds,
    saysNoLifetime: false,
    isAway: false,
    isProbeAway: false,
    putsOff: false,
    refusedKeys: new Set(),
    answersUnfit: false,
    revokesNothing: false,
    givesAgain: false,
    isUnwilling: false,
    honours,
    through,
  };
  return fake;
}
