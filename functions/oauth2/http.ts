import { isLoopback } from "../clients/loopback.ts";

/** How long an answer may take, with all of its body: two of them and a wait are well below what a function may take. */
export const LONGEST_ANSWER_MS = 15_000;
/** What is read of an answer: a token of 32 kB, and as much again around it. */
const MOST_BYTES = 65_536;
/** A date as HTTP has it (RFC 9110, section 5.6.7); its two obsolete forms nobody sends. */
const DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Whether an address may be told a secret: it is encrypted, or does not leave this machine. */
export function mayBeAsked(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

/**
 * One request over a connection of its own: while a function is frozen, the other side closes those that are kept. No redirect
 * is followed.
 *
 * @param limitMs for the answer with its body
 * @throws what the network says
 */
export function requestOnce(url: string, init: RequestInit, limitMs: number): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("connection", "close");
  return fetch(url, { ...init, headers, redirect: "manual", signal: AbortSignal.timeout(limitMs) });
}

/** An answer's body as far as it is read; what goes on beyond that is cut off, and is no JSON any more. */
export async function beginningOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    parts.push(part);
    bytes += part.length;
    if (bytes > MOST_BYTES) break;
  }
  return new TextDecoder().decode(Buffer.concat(parts).subarray(0, MOST_BYTES));
}

/**
 * After how many seconds an answer asks to come again, by a number of them or by a date (RFC 9110, section 10.2.3).
 *
 * @param now milliseconds since 1970
 * @returns undefined if it does not ask
 */
export function retryAfterSeconds({ headers }: Response, now: number): number | undefined {
  const said = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(said)) return Number(said);
  const at = DATE.test(said) ? Date.parse(said) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}

/** What went wrong on the network, by a code of Node's or the name of the error: its message may hold what was sent. */
export function wordsOf(error: unknown): string {
  const { name = "Error", cause } = error as { name?: string; cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : name;
}
