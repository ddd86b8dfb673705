import type { Database, Login } from "./database.ts";

/** A database in memory, which refuses as PostgreSQL does. */
export class FakeDatabase implements Database {
  /** By user. */
  readonly passwords = new Map<string, string>();
  /** Users who may not log in. */
  readonly shut = new Set<string>();
  /** All who tried, in order. */
  readonly logins: Login[] = [];
  /** While set, nobody is answered. */
  away = false;

  async ask(login: Login): Promise<{ user: string }> {
    this.logins.push(login);
    const { user, host, port } = login;
    if (this.away) {
      throw Object.assign(new Error(`connect ECONNREFUSED ${host}:${port}`), {
        code: "ECONNREFUSED",
        syscall: "connect",
      });
    }
    if (this.passwords.get(user) !== login.password) {
      throw Object.assign(new Error(`password authentication failed for user "${user}"`), { code: "28P01" });
    }
    if (this.shut.has(user)) {
      throw Object.assign(new Error(`role "${user}" is not permitted to log in`), { code: "28000" });
    }
    return { user };
  }
}
