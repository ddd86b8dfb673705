import { Failure } from "./failure.ts";
import type { Kind } from "./followed-secret.ts";
import { demand, fieldsOf, hiding, textOf } from "./secret-fields.ts";

/** A bearer token, as OAuth 2 has it (RFC 6749, section 5.1). */
export interface Token {
  /** What goes into the header `Authorization`, behind `Bearer` and a blank. */
  accessToken: string;
  /** `bearer`, in whatever case. */
  tokenType: string;
  /** When it ends by itself; undefined where the secret does not say. */
  expiresAt: Date | undefined;
}

/** What a header can carry: `fetch` quotes what it cannot send in the error that it throws. */
const IN_A_HEADER = /^[\x21-\x7e]+$/;

/**
 * Reads a token from the text of a secret, `{"access_token":"…","token_type":"bearer","expires_at":SECONDS}`. Fields that are
 * not known are passed over, and so is a time that is none. Printed, or written as JSON as a whole, the result shows no token;
 * its fields are plain.
 *
 * @param secret the secret's name, for messages
 * @throws Failure that says what is missing or of no use, and never what is there
 */
export function readToken(text: string, secret: string): Token {
  const fields = fieldsOf(text, secret, "access_token");
  const accessToken = demand(fields, "access_token", secret);
  if (!IN_A_HEADER.test(accessToken))
    throw new Failure(`The access_token of the secret ${secret} fits into no header.`);
  const tokenType = fields.token_type === undefined ? "bearer" : textOf(fields.token_type);
  if (tokenType?.toLowerCase() !== "bearer") {
    throw new Failure(
      `The secret ${secret} has another token_type than bearer, which is the only one that is known here.`,
    );
  }
  return hiding({ accessToken, tokenType, expiresAt: timeOf(fields.expires_at) }, "accessToken");
}

/** Its kind. */
export const TOKEN: Kind<Token> = {
  read: readToken,
  word: ({ accessToken }) => accessToken,
  endsAt: ({ expiresAt }) => expiresAt?.getTime(),
};

/** Seconds since 1970, as OAuth has times. */
function timeOf(value: unknown): Date | undefined {
  const time = new Date(typeof value === "number" && value > 0 ? value * 1000 : Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
