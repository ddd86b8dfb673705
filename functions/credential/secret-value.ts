import type { Login } from "../clients/authority.ts";
import type { CredentialSettings } from "../shared/credential-settings.ts";

/**
 * Reads from a version's value the only things that are ever taken from it: which of the two users it is, and his password.
 * More people may write the secret than the stack, so where it says to connect, as whom else or to what is passed over.
 *
 * @param text the value; undefined where none was put yet
 * @returns undefined where it is no login of one of the two users
 */
export function readLogin(text: string | undefined, { users }: Pick<CredentialSettings, "users">): Login | undefined {
  const { username, password } = fieldsOf(text);
  if (typeof username !== "string" || !users.includes(username)) return undefined;
  if (typeof password !== "string" || password === "" || !password.isWellFormed()) return undefined;
  return { user: username, password };
}

/**
 * The value of a version, in the shape that AWS's drivers and RDS Proxy read.
 *
 * @param former the value of the version in force: what it holds besides stays, since drivers read more than Keyturn writes,
 *   e.g. `dbInstanceIdentifier`
 */
export function writeValue(
  { user, password }: Login,
  { engine, hosts, port, dbname }: CredentialSettings,
  former: string | undefined,
): string {
  const [host] = hosts;
  return JSON.stringify({ ...fieldsOf(former), engine, host, port, dbname, username: user, password });
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
