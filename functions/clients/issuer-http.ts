import { StepError } from "../shared/errors.ts";
import { AUTHORITY_ERRORS } from "./authority.ts";

/** How long an answer may take, with all of its body. It leaves a function time to say so. */
const LONGEST_ANSWER_MS = 20_000;
/** What is read of an answer: a token of 32 kB, and as much again around it. */
const MOST_BYTES = 65_536;
/** Names and addresses of this machine, which what is said to them does not leave. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether an address may be told a secret: it is encrypted, or does not leave this machine. */
export function mayBeAsked(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
}

/**
 * One request: no redirect is followed, and the answer is read whole, within its time and up to its size.
 *
 * @throws StepError AnswerUnfit for an answer that is too long; else what the network says
 */
export async function requestOnce(url: string, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(LONGEST_ANSWER_MS);
  const response = await fetch(url, { ...init, redirect: "manual", signal });
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > MOST_BYTES) {
      const why = `${new URL(url).host} answers with more than ${MOST_BYTES} bytes, of which none is kept.`;
      throw new StepError(AUTHORITY_ERRORS.answerUnfit, why);
    }
    parts.push(part);
  }
  const { status, statusText, headers } = response;
  const isWithoutBody = status === 204 || status === 205 || status === 304;
  return new Response(isWithoutBody ? null : Buffer.concat(parts), { status, statusText, headers });
}

/** After how many seconds an answer asks to come again, if it does so in seconds (RFC 9110, section 10.2.3). */
export function retryAfterSeconds(response: Response): number | undefined {
  const said = response.headers.get("retry-after")?.trim() ?? "";
  return /^\d{1,9}$/.test(said) ? Number(said) : undefined;
}
