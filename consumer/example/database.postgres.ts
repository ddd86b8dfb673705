import { checkServerIdentity } from "node:tls";
import pg from "pg";
import type { Database, Login, PooledDatabase } from "./database.ts";

const TIMEOUT_MS = 5_000;

/** A connection of its own for each question, closed at once: what the server has seen of it is over. */
export const postgres: Database = {
  async ask(login) {
    const client = new pg.Client(optionsOf(login));
    // What befalls the connection also ends what waits for it; unheard, it would end the process.
    client.on("error", () => {});
    try {
      await client.connect();
      return await askedOf(client);
    } finally {
      await client.end().catch(() => {});
    }
  },
};

/**
 * Sessions that stay open from one question to the next, as most applications have them. A question with another login than
 * the one before opens new ones, and once these are there ends the former: nothing else tells a pool that its login has
 * turned, since a session that is open goes on.
 *
 * @param most how many sessions there may be at once
 */
export function pooledPostgres(most: number): PooledDatabase {
  let used: { login: string; sessions: pg.Pool } | undefined;
  /** Of a login that no answer has come with yet. */
  let coming: typeof used;

  function open(login: Login): pg.Pool {
    // Idle sessions are not ended: that the database shows them is what this is for.
    const sessions = new pg.Pool({ ...optionsOf(login), max: most, idleTimeoutMillis: 0 });
    // What befalls a session that nobody uses; the next question opens another one.
    sessions.on("error", () => {});
    return sessions;
  }

  return {
    async ask(given) {
      const login = JSON.stringify(given);
      const there = [used, coming].find((one) => one?.login === login);
      const mine = there ?? { login, sessions: open(given) };
      if (there === undefined) coming = mine;
      try {
        const answer = await askedOf(mine.sessions);
        if (mine === coming) {
          void used?.sessions.end();
          [used, coming] = [mine, undefined];
        }
        return answer;
      } catch (error) {
        if (mine === coming) {
          void mine.sessions.end();
          coming = undefined;
        }
        throw error;
      }
    },
    async close() {
      await used?.sessions.end();
    },
  };
}

function optionsOf(login: Login) {
  return {
    host: login.host,
    port: login.port,
    database: login.database ?? login.user,
    user: login.user,
    password: login.password,
    application_name: login.application,
    ssl: tlsOf(login),
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  };
}

/** The user who logged in, whatever role he acts as. */
async function askedOf(sessions: pg.Client | pg.Pool): Promise<{ user: string }> {
  const { rows } = await sessions.query<{ user: string }>('SELECT session_user AS "user"');
  return { user: rows[0]?.user ?? "" };
}

/** Where the host is an address, `pg` would leave it to Node to guess the name that the certificate must bear. */
function tlsOf({ tls, host }: Login) {
  if (tls === "none") return false;
  return {
    rejectUnauthorized: true,
    checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(host, certificate),
  };
}
