import { account } from "./quoting.ts";

/**
 * As whom a session acts.
 *
 * @param role as the server's `CURRENT_ROLE()` has it: MariaDB the name or null, MySQL a list of accounts or NONE
 * @param options.user who is nobody else where he has no role
 */
export function actingAs(role: string | null, { user, owner }: { user: string; owner: string }): string {
  if (role === null || role === "NONE" || role === "") return user;
  return role === account(owner) ? owner : role;
}
