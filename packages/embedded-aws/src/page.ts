import type { AwsError } from "./http/service.ts";

/** The token with which the next page of a listing is asked for. */
export function pageToken(listing: string, position: string | number): string {
  return Buffer.from(`${listing}\n${position}`).toString("base64url");
}

/**
 * Where the page begins that a token asks for; nothing where there is no token.
 *
 * @param listing what is listed: a token is good for that alone
 * @throws refusal if the token is no token of this listing
 */
export function readPage(token: unknown, listing: string, refusal: AwsError): string | undefined {
  if (token === undefined || token === null) return undefined;
  const text = Buffer.from(String(token), "base64url").toString("utf8");
  if (!text.startsWith(`${listing}\n`)) throw refusal;
  return text.slice(listing.length + 1);
}
