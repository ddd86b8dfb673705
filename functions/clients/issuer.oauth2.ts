import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as oauth from "oauth4webapi";
import * as z from "zod/mini";
import { type IssuerAnswer, issuedIn, refusalIn } from "../oauth2/answers.ts";
import { beginningOf, LONGEST_ANSWER_MS, mayBeAsked, requestOnce, retryAfterSeconds, wordsOf } from "../oauth2/http.ts";
import { keyOf, type TokenCredential } from "../shared/credential-settings.ts";
import { StepError } from "../shared/errors.ts";
import { type Answer, AUTHORITY_ERRORS } from "./authority.ts";
import { type Issuer, isBearer } from "./issuer.ts";
import { secretFields } from "./secret-fields.ts";

interface Means {
  /** Where the API keys are. */
  secrets: SecretsManagerClient;
  wait: (ms: number) => Promise<unknown>;
  /** Milliseconds since 1970. */
  now: () => number;
  /** How long an answer may take. */
  answerMs?: number;
}

const TEXT = z.string().check(
  z.minLength(1),
  z.refine((text) => text.isWellFormed()),
);

/** What OAuth calls an API key: consumer key and consumer secret, to others. What else stands there is passed over. */
const KEY = z.object({ client_id: TEXT, client_secret: TEXT });

interface Key {
  client: oauth.Client;
  auth: oauth.ClientAuth;
}

/** An issuer that asks to wait no longer than that is waited for; it is well below what a function may take. */
const LONGEST_WAIT_SECONDS = 30;

/**
 * An OAuth 2 issuer: tokens by client credentials with HTTP Basic and a form body (RFC 6749, sections 2.3.1 and 4.4), revocation
 * (RFC 7009), and a resource that is asked by GET with the token (RFC 6750). No redirect is followed, so that neither key nor
 * token goes to another host, and nothing is said in the clear to another machine.
 *
 * A token is refused where the resource answers 401, or 403: API gateways say no by that. One that lacks a scope is answered 403
 * as well, so such a token is never promoted. Any other answer that is no success says nothing of the token.
 *
 * An answer may be lost after the issuer has done its work: `AuthorityUnreachable`, and whoever asks again has another token
 * issued; the lost one, which nobody has, ends by itself.
 */
export function oauth2Issuer(settings: TokenCredential, means: Means): Issuer {
  const { tokenUrl, revocationUrl, probeUrl, scope } = settings;
  const { secrets, wait, now, answerMs = LONGEST_ANSWER_MS } = means;
  const server: oauth.AuthorizationServer = {
    issuer: new URL(tokenUrl).origin,
    token_endpoint: tokenUrl,
    ...(revocationUrl !== undefined && { revocation_endpoint: revocationUrl }),
  };
  const request = (url: string, init: RequestInit) => requestOnce(url, init, answerMs);
  // Which addresses may be asked in the clear, `demandAskable` says.
  const options = { [oauth.customFetch]: request, [oauth.allowInsecureRequests]: true };

  async function key(user: string): Promise<Key> {
    const secret = keyOf(settings, user);
    const refused = (what: string) =>
      new StepError(AUTHORITY_ERRORS.keyRefused, `The secret ${secret} of the API key ${what}.`);
    const found = KEY.safeParse(await secretFields(secrets, secret, refused));
    if (!found.success) {
      throw refused("holds none: it must be JSON with client_id and client_secret, both texts that are not empty");
    }
    const { client_id, client_secret } = found.data;
    return { client: { client_id }, auth: basic(client_secret) };
  }

  /**
   * Has a request made by the key of one of the two, once more where the issuer asks to wait a little. The key is read for each
   * request, since somebody may turn it by hand.
   *
   * @returns undefined if it may not be made
   */
  async function ask(
    url: string,
    user: string,
    mayGoOn: () => Promise<boolean>,
    send: (key: Key) => Promise<Response>,
  ): Promise<IssuerAnswer | undefined> {
    demandAskable(url);
    const { host } = new URL(url);
    for (let tries = 1; ; tries += 1) {
      const by = await key(user);
      if (!(await mayGoOn())) return undefined;
      const { status, text, waitSeconds } = await answerTo(send(by), host);
      if (waitSeconds === undefined) return { host, status, text };
      if (waitSeconds > LONGEST_WAIT_SECONDS || tries > 1) {
        throw new StepError(AUTHORITY_ERRORS.putsOff, `${host} asks to come again in ${waitSeconds} s.`);
      }
      await wait(waitSeconds * 1000);
    }
  }

  async function answerTo(request: Promise<Response>, host: string) {
    try {
      const response = await request;
      const { status } = response;
      const waitSeconds = status === 429 || status === 503 ? retryAfterSeconds(response, now()) : undefined;
      return { status, text: await beginningOf(response), waitSeconds };
    } catch (error) {
      throw new StepError(AUTHORITY_ERRORS.unreachable, `${host} cannot be reached: ${wordsOf(error)}`);
    }
  }

  function demandAskable(url: string): void {
    if (mayBeAsked(url)) return;
    const why = `nothing is said in the clear to ${new URL(url).host}: set an address that begins with https`;
    throw new StepError(
      AUTHORITY_ERRORS.unwilling,
      `The settings of the credential ${settings.name} do not do: ${why}.`,
    );
  }

  return {
    async accepts({ password: token }) {
      demandAskable(probeUrl);
      return [await probe(probeUrl, token, request)];
    },

    async issue(user, mayGoOn) {
      const parameters = new URLSearchParams(scope === undefined ? {} : { scope });
      const answer = await ask(tokenUrl, user, mayGoOn, ({ client, auth }) =>
        oauth.clientCredentialsGrantRequest(server, client, auth, parameters, options),
      );
      if (answer === undefined) return undefined;
      if (!isSuccess(answer)) throw refusalIn(answer);
      return issuedIn(answer);
    },

    async revoke({ user, password: token }, mayGoOn) {
      if (revocationUrl === undefined) return false;
      const more = { ...options, additionalParameters: { token_type_hint: "access_token" } };
      const answer = await ask(revocationUrl, user, mayGoOn, ({ client, auth }) =>
        oauth.revocationRequest(server, client, auth, token, more),
      );
      if (answer === undefined) return false;
      if (!isSuccess(answer)) throw refusalIn(answer);
      return true;
    },
  };
}

function isSuccess({ status }: IssuerAnswer): boolean {
  return status >= 200 && status < 300;
}

/**
 * HTTP Basic, both parts form-encoded. `-`, `.` and `_` stay, other than oauth4webapi's own encodes them: who decodes sees no
 * difference, and the many issuers that do not decode know a UUID then.
 */
function basic(secret: string): oauth.ClientAuth {
  return (_server, { client_id }, _body, headers) => {
    const login = `${formEncoded(client_id)}:${formEncoded(secret)}`;
    headers.set("authorization", `Basic ${Buffer.from(login).toString("base64")}`);
  };
}

function formEncoded(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}

/** What the resource says of a token, by its status alone. */
async function probe(
  url: string,
  token: string,
  request: (url: string, init: RequestInit) => Promise<Response>,
): Promise<Answer> {
  const { host } = new URL(url);
  // Nobody can show it, so nobody is served by it.
  if (!isBearer(token))
    return { host, says: "REFUSED", words: "it is no visible ASCII without blanks, and is not sent" };
  let response: Response;
  try {
    response = await request(url, { headers: { authorization: `Bearer ${token}`, accept: "*/*" } });
  } catch (error) {
    return { host, says: "UNREACHABLE", words: wordsOf(error) };
  }
  // The connection may be broken by now, which says nothing of the token any more.
  await response.body?.cancel().catch(() => undefined);
  const { status, ok } = response;
  if (ok) return { host, says: "ACCEPTED" };
  return { host, says: status === 401 || status === 403 ? "REFUSED" : "UNREACHABLE", words: `it answers ${status}` };
}
