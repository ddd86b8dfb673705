import type { Login } from "../clients/authority.ts";
import { isBearer } from "../clients/issuer.ts";
import { type CredentialSettings, type DatabaseCredential, TOKENS } from "../shared/credential-settings.ts";
import type { Life } from "./record.ts";

/**
 * Reads from a version's value the only things that are ever taken from it: which of the two users it is, and his password; or
 * which of the two tokens, and the token. More people may write the secret than the stack, so where it says to connect, as whom
 * else or to what is passed over.
 *
 * @param text the value; undefined where none was put yet
 * @returns undefined where it is no login of one of the two users, or no token
 */
export function readLogin(
  text: string | undefined,
  { kind, users }: Pick<CredentialSettings, "kind" | "users">,
): Login | undefined {
  const { username, password, turn = TOKENS[0], access_token } = fieldsOf(text);
  // A token that was there before Keyturn does not say which one it is: it is the first key's.
  const [user, word] = kind === "token" ? [turn, access_token] : [username, password];
  if (typeof user !== "string" || !users.some((one) => one === user)) return undefined;
  if (typeof word !== "string" || word === "" || !word.isWellFormed()) return undefined;
  // Whoever holds anything else cannot even ask with it whether it is accepted.
  if (kind === "token" && !isBearer(word)) return undefined;
  return { user, password: word };
}

/** For how long a version's token is good, as it says; undefined where it does not. */
export function readLife(text: string | undefined): Life | undefined {
  const { issued_at, expires_at } = fieldsOf(text);
  if (!isMoment(issued_at) || !isMoment(expires_at) || expires_at <= issued_at) return undefined;
  return { from: issued_at * 1000, to: expires_at * 1000 };
}

/** Seconds since 1970, as OAuth has times. */
function isMoment(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

/**
 * The value of a version, in the shape that AWS's drivers and RDS Proxy read.
 *
 * @param former the value of the version in force: what it holds besides stays, since drivers read more than Keyturn writes,
 *   e.g. `dbInstanceIdentifier`
 */
export function writeValue(
  { user, password }: Login,
  { engine, hosts, port, dbname }: DatabaseCredential,
  former: string | undefined,
): string {
  const [host] = hosts;
  return JSON.stringify({ ...fieldsOf(former), engine, host, port, dbname, username: user, password });
}

/**
 * The value of a version that is a token, in OAuth's own words, with its times in whole seconds since 1970.
 *
 * @param former as `writeValue` has it
 */
export function writeToken({ user, password }: Login, { from, to }: Life, former: string | undefined): string {
  const times = { issued_at: Math.floor(from / 1000), expires_at: Math.floor(to / 1000) };
  return JSON.stringify({ ...fieldsOf(former), token_type: "bearer", access_token: password, ...times, turn: user });
}

/** The fields of a JSON object; none where it is anything else. */
function fieldsOf(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
