import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as oauth from "oauth4webapi";
import * as z from "zod/mini";
import { keyOf, type TokenCredential } from "../shared/credential-settings.ts";
import { StepError } from "../shared/errors.ts";
import { type Answer, AUTHORITY_ERRORS } from "./authority.ts";
import { type Issued, type Issuer, LONGEST_TOKEN } from "./issuer.ts";
import { mayBeAsked, requestOnce, retryAfterSeconds } from "./issuer-http.ts";
import { secretFields } from "./secret-fields.ts";

interface Means {
  /** Where the API keys are. */
  secrets: SecretsManagerClient;
  wait: (ms: number) => Promise<unknown>;
}

/** What OAuth calls an API key: consumer key and consumer secret, to others. */
const KEY = z.object({
  client_id: z.string().check(z.minLength(1)),
  client_secret: z.string().check(z.minLength(1)),
});

/** An issuer that asks to wait no longer than that is waited for; it is well below what a function may take. */
const LONGEST_WAIT_SECONDS = 30;

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
 * An OAuth 2 issuer: tokens by client credentials with HTTP Basic and a form body (RFC 6749, sections 2.3.1 and 4.4), revocation
 * (RFC 7009), and a resource that is asked by GET with the token (RFC 6750). No redirect is followed, so that neither key nor
 * token goes to another host.
 */
export function oauth2Issuer(settings: TokenCredential, { secrets, wait }: Means): Issuer {
  const { tokenUrl, revocationUrl, probeUrl, scope } = settings;
  const server: oauth.AuthorizationServer = {
    issuer: new URL(tokenUrl).origin,
    token_endpoint: tokenUrl,
    ...(revocationUrl !== undefined && { revocation_endpoint: revocationUrl }),
  };
  const options = { [oauth.customFetch]: requestOnce, [oauth.allowInsecureRequests]: true };

  async function key(user: string): Promise<{ client: oauth.Client; auth: oauth.ClientAuth }> {
    const secret = keyOf(settings, user);
    const refused = (what: string) =>
      new StepError(AUTHORITY_ERRORS.keyRefused, `The secret ${secret} of the API key ${what}.`);
    const found = KEY.safeParse(await secretFields(secrets, secret, refused));
    if (!found.success) {
      throw refused("holds none: it must be JSON with client_id and client_secret, both texts that are not empty");
    }
    const { client_id, client_secret } = found.data;
    return { client: { client_id }, auth: oauth.ClientSecretBasic(client_secret) };
  }

  /** Has a request made, once more where the issuer asks to wait a little; undefined if it may not be made. */
  async function ask(
    url: string,
    mayGoOn: () => Promise<boolean>,
    send: () => Promise<Response>,
  ): Promise<Response | undefined> {
    demandAskable(url);
    for (let tries = 1; ; tries += 1) {
      if (!(await mayGoOn())) return undefined;
      const response = await send().catch((error: unknown) => {
        throw unreachable(url, error);
      });
      if (response.status !== 429 && response.status !== 503) return response;
      const seconds = retryAfterSeconds(response);
      if (seconds === undefined) return response;
      if (seconds > LONGEST_WAIT_SECONDS || tries > 1) {
        throw new StepError(AUTHORITY_ERRORS.putsOff, `${hostOf(url)} asks to come again in ${seconds} s.`);
      }
      await wait(seconds * 1000);
    }
  }

  function demandAskable(url: string): void {
    if (mayBeAsked(url)) return;
    const todo = "set an address that begins with https";
    const why = `The settings of the credential ${settings.name} do not do: nothing is said in the clear to ${hostOf(url)}: ${todo}.`;
    throw new StepError(AUTHORITY_ERRORS.unwilling, why);
  }

  return {
    async accepts({ password }) {
      demandAskable(probeUrl);
      return [await probe(probeUrl, password)];
    },

    async issue(user, mayGoOn) {
      const { client, auth } = await key(user);
      const parameters = new URLSearchParams(scope === undefined ? {} : { scope });
      const response = await ask(tokenUrl, mayGoOn, () =>
        oauth.clientCredentialsGrantRequest(server, client, auth, parameters, options),
      );
      return response && issuedIn(response, { server, client, url: tokenUrl });
    },

    async revoke({ user, password }, mayGoOn) {
      if (revocationUrl === undefined) return false;
      const { client, auth } = await key(user);
      const more = { ...options, additionalParameters: { token_type_hint: "access_token" } };
      const response = await ask(revocationUrl, mayGoOn, () =>
        oauth.revocationRequest(server, client, auth, password, more),
      );
      if (response === undefined) return false;
      if (response.status !== 200) throw await refusal(response, revocationUrl);
      await response.body?.cancel();
      return true;
    },
  };
}

/** What the resource says of a token. A refusal is 401, or 403 where an API says it so; anything else says nothing of it. */
async function probe(url: string, token: string): Promise<Answer> {
  const host = hostOf(url);
  let response: Response;
  try {
    response = await requestOnce(url, { headers: { authorization: `Bearer ${token}`, accept: "*/*" } });
  } catch (error) {
    return { host, says: "UNREACHABLE", words: wordsOf(error) };
  }
  await response.body?.cancel();
  const words = `it answers ${response.status}`;
  if (response.ok) return { host, says: "ACCEPTED" };
  return { host, says: response.status === 401 || response.status === 403 ? "REFUSED" : "UNREACHABLE", words };
}

/** @throws StepError AnswerUnfit, KeyRefused, AuthorityUnreachable */
async function issuedIn(
  response: Response,
  { server, client, url }: { server: oauth.AuthorizationServer; client: oauth.Client; url: string },
): Promise<Issued> {
  if (response.status !== 200) throw await refusal(response, url);
  const raw: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  let answer: oauth.TokenEndpointResponse;
  try {
    answer = await oauth.processClientCredentialsResponse(server, client, response);
  } catch {
    throw unfit(url, "no token as OAuth 2 has it (RFC 6749, section 5.1)");
  }
  const { access_token: token, token_type } = answer;
  if (token_type !== "bearer") throw unfit(url, "a token that is no bearer token");
  if (token.length > LONGEST_TOKEN) throw unfit(url, `a token of more than ${LONGEST_TOKEN} characters`);
  if (!/^[\x21-\x7e]+$/.test(token)) throw unfit(url, "a token of other characters than visible ASCII");
  return { token, lifetimeSeconds: lifetimeIn(raw, url) };
}

/** Some say it as a text of digits. oauth4webapi takes any text that begins with a number. */
function lifetimeIn(raw: unknown, url: string): number | undefined {
  const { expires_in: said } = (raw ?? {}) as { expires_in?: unknown };
  if (said === undefined) return undefined;
  const seconds = typeof said === "string" && /^\d{1,12}$/.test(said) ? Number(said) : said;
  if (typeof seconds === "number" && Number.isSafeInteger(seconds) && seconds > 0) return seconds;
  throw unfit(url, "an expires_in that is no number of whole seconds above 0");
}

function unfit(url: string, what: string): StepError {
  return new StepError(AUTHORITY_ERRORS.answerUnfit, `${hostOf(url)} answers with ${what}. Nothing of it is kept.`);
}

/** What an answer that is no success comes to. */
async function refusal(response: Response, url: string): Promise<StepError> {
  const { status } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const { error } = (body ?? {}) as { error?: unknown };
  const code = KNOWN_ERRORS.find((known) => known === error);
  const words = `${hostOf(url)} answers ${status}${code === undefined ? "" : ` (${code})`}`;
  if (status >= 300 && status < 400) {
    return new StepError(AUTHORITY_ERRORS.answerUnfit, `${words}, a redirect, which is not followed.`);
  }
  if (status === 429 || status >= 500) return new StepError(AUTHORITY_ERRORS.unreachable, `${words}.`);
  const isOfKey = status === 401 || code === "invalid_client" || code === "unauthorized_client";
  return new StepError(isOfKey ? AUTHORITY_ERRORS.keyRefused : AUTHORITY_ERRORS.answerUnfit, `${words}.`);
}

function unreachable(url: string, error: unknown): StepError {
  if (error instanceof StepError) return error;
  return new StepError(AUTHORITY_ERRORS.unreachable, `${hostOf(url)} cannot be reached: ${wordsOf(error)}`);
}

/** A code of Node's, or the name of the error: its message may hold what was sent. */
function wordsOf(error: unknown): string {
  const { name = "Error", cause } = error as { name?: string; cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : name;
}

function hostOf(url: string): string {
  return new URL(url).host;
}
