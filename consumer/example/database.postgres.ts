import { checkServerIdentity } from "node:tls";
import pg from "pg";
import type { Database, Login } from "./database.ts";

const TIMEOUT_MS = 5_000;

/** A connection of its own for each question, closed at once: what the server has seen of it is over. */
export const postgres: Database = {
  async ask(login) {
    const client = new pg.Client({
      host: login.host,
      port: login.port,
      database: login.database ?? login.user,
      user: login.user,
      password: login.password,
      application_name: login.application,
      ssl: tlsOf(login),
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    });
    // What befalls the connection also ends what waits for it; unheard, it would end the process.
    client.on("error", () => {});
    try {
      await client.connect();
      // The user who logged in, whatever role he acts as.
      const { rows } = await client.query<{ user: string }>('SELECT session_user AS "user"');
      return { user: rows[0]?.user ?? "" };
    } finally {
      await client.end().catch(() => {});
    }
  },
};

/** Where the host is an address, `pg` would leave it to Node to guess the name that the certificate must bear. */
function tlsOf({ tls, host }: Login) {
  if (tls === "none") return false;
  return {
    rejectUnauthorized: true,
    checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(host, certificate),
  };
}
