import type { Answer, Login } from "./authority.ts";

/** A token as an issuer has just given it. */
export interface Issued {
  /** Visible ASCII without blanks, up to `LONGEST_TOKEN` characters. */
  token: string;
  /** For how long it is good from now on, at least 1; undefined where the issuer does not say. */
  lifetimeSeconds: number | undefined;
}

/** What is kept of a token: a secret of Secrets Manager has room for 64 kB. */
export const LONGEST_TOKEN = 32_768;

/** Whether a header can carry a token, as it must: visible ASCII without blanks. */
export function isBearer(token: string): boolean {
  return /^[\x21-\x7e]+$/.test(token);
}

/**
 * Who honours a token: an OAuth 2 issuer, and the resource that stands for all that its tokens open. Where they are and which
 * API keys there are was set beforehand. A login's `user` is one of `TOKENS`, and says by which key; its `password` is the
 * token.
 *
 * An issuer has no lock. So `mayGoOn` is asked immediately before each request that changes something; if it says no, or
 * fails, nothing is sent. What is revoked is named by the token, never by the key.
 *
 * Throws a StepError of one of `KEY_ERRORS` where an answer could not be had. No message ever holds what an answer held, but
 * for an error code of OAuth's own.
 */
export interface Issuer {
  /** What the probe says of a token: one answer, whose host is the probe's. That it cannot be reached is an answer. */
  accepts(login: Login): Promise<Answer[]>;

  /**
   * Has a token issued. Where an issuer honours one token of a key, the key's former one ends with that.
   *
   * @param user one of `TOKENS`
   * @returns undefined if `mayGoOn` said no
   */
  issue(user: string, mayGoOn: () => Promise<boolean>): Promise<Issued | undefined>;

  /**
   * Asks for a token to be revoked. That the issuer says yes does not prove that it is (RFC 7009, section 2.2): `accepts` does.
   *
   * @returns whether it was asked: false if `mayGoOn` said no, or if the issuer has no way to revoke
   */
  revoke(login: Login, mayGoOn: () => Promise<boolean>): Promise<boolean>;
}
