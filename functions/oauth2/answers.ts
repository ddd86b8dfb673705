import * as z from "zod/mini";
import { AUTHORITY_ERRORS } from "../clients/authority.ts";
import { type Issued, isBearer, LONGEST_TOKEN } from "../clients/issuer.ts";
import { StepError } from "../shared/errors.ts";
import { readJson } from "../shared/read-json.ts";

/** What an issuer answered. */
export interface IssuerAnswer {
  /** Where it is, for people. */
  host: string;
  status: number;
  text: string;
}

/** What is taken of an answer; what else stands there is passed over, since issuers say more. */
const ANSWER = z.object({ access_token: z.string(), token_type: z.string(), expires_in: z.optional(z.unknown()) });

/** No token lasts for longer than 300 years: what says so is in other units, or a mistake. */
const LONGEST_LIFE_SECONDS = 9_999_999_999;

/** Error codes of RFC 6749, section 5.2, and RFC 7009, section 2.2.1: nothing else of an answer is repeated. */
const KNOWN_ERRORS = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "unsupported_token_type",
  "invalid_scope",
  "server_error",
  "temporarily_unavailable",
];

/**
 * The token of an issuer's answer (RFC 6749, section 5.1).
 *
 * @throws StepError AnswerUnfit, which repeats nothing of it
 */
export function issuedIn({ host, text }: IssuerAnswer): Issued {
  const unfit = (what: string) =>
    new StepError(AUTHORITY_ERRORS.answerUnfit, `${host} answers with ${what}. Nothing of it is kept.`);
  const answer = ANSWER.safeParse(readJson(text));
  if (!answer.success) throw unfit("no token as OAuth 2 has it (RFC 6749, section 5.1)");
  const { access_token: token, token_type, expires_in } = answer.data;
  if (token_type.toLowerCase() !== "bearer") throw unfit("a token that is no bearer token");
  if (token.length > LONGEST_TOKEN) throw unfit(`a token of more than ${LONGEST_TOKEN} characters`);
  if (!isBearer(token)) throw unfit("a token that is no visible ASCII without blanks");
  const lifetimeSeconds = secondsIn(expires_in);
  if (expires_in !== undefined && lifetimeSeconds === undefined) {
    throw unfit("an expires_in that is no number of whole seconds above 0");
  }
  return { token, lifetimeSeconds };
}

/** Some say it as a text of digits. */
function secondsIn(said: unknown): number | undefined {
  const seconds = typeof said === "string" && /^\d{1,10}$/.test(said) ? Number(said) : said;
  const isOne = typeof seconds === "number" && Number.isInteger(seconds) && seconds > 0;
  return isOne && seconds <= LONGEST_LIFE_SECONDS ? seconds : undefined;
}

/**
 * What an answer comes to that is no success. An issuer refuses a key by 401 (RFC 6749, section 5.2), and some by 403; that it
 * cannot do anything for anybody now is no word on the key.
 *
 * @returns StepError KeyRefused, AuthorityUnreachable or AnswerUnfit, which repeats nothing of it but a known code
 */
export function refusalIn({ host, status, text }: IssuerAnswer): StepError {
  const { error } = (readJson(text) ?? {}) as { error?: unknown };
  const code = KNOWN_ERRORS.find((known) => known === error);
  const words = `${host} answers ${status}${code === undefined ? "" : ` (${code})`}`;
  if (status >= 300 && status < 400) {
    return new StepError(AUTHORITY_ERRORS.answerUnfit, `${words}, a redirect, which is not followed.`);
  }
  const isAway = status === 408 || status === 429 || status >= 500;
  if (isAway || code === "server_error" || code === "temporarily_unavailable") {
    return new StepError(AUTHORITY_ERRORS.unreachable, `${words}.`);
  }
  const isOfKey = status === 401 || status === 403 || code === "invalid_client" || code === "unauthorized_client";
  return new StepError(isOfKey ? AUTHORITY_ERRORS.keyRefused : AUTHORITY_ERRORS.answerUnfit, `${words}.`);
}
