/** A name as a name, whatever the session's `sql_mode` makes of quotes. */
export function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/**
 * A user's account. Keyturn's users may come from anywhere: of accounts of one name the server takes the one whose host fits
 * best, so there must be no other.
 */
export function account(user: string): string {
  return `${quoted(user)}@${quoted("%")}`;
}

/** A text, whatever the session's `sql_mode` makes of backslashes. */
export function literal(text: string): string {
  return `CONVERT(X'${Buffer.from(text).toString("hex")}' USING utf8mb4)`;
}
