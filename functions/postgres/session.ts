import { type ConnectionOptions, checkServerIdentity, TLSSocket } from "node:tls";
import { Client, DatabaseError, type QueryResultRow } from "pg";
import { AUTHORITY_ERRORS, type AuthoritySettings, type ManagerLogin, OWN_NAME } from "../clients/authority.ts";
import { goodbye, inOwnWords, type Limits, NoSession } from "../shared/database-sessions.ts";
import { StepError } from "../shared/errors.ts";
import { printable } from "../shared/printable.ts";

/** A network that has gone silent is noticed this long after the database would have given up. */
const SILENCE_MS = 2_000;
/** A session with one server. */
export interface Session {
  /**
   * Has one statement done, and gives its rows.
   *
   * @throws StepError of the names of `AUTHORITY_ERRORS`, without the statement and its values
   */
  query<Row extends QueryResultRow>(statement: string, values?: unknown[]): Promise<Row[]>;
}

/**
 * Does something in a session of its own.
 *
 * @param use is given the session
 * @throws NoSession when it does not come about, and what `use` throws
 */
export async function inSession<T>(
  { host, login, settings, limits }: { host: string; login: ManagerLogin; settings: AuthoritySettings; limits: Limits },
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const { password, isToken = false } = login;
  // PostgreSQL accepts none that is empty; the client would look for another in its environment.
  if (password === "") throw new NoSession(host, true, "the password is empty");
  let inTheClear = false;
  const client = new Client({
    ...{ host, port: settings.port, database: settings.dbname, user: login.user },
    password: () => {
      if (inTheClear && !(isToken && hasProvedItsName(client))) {
        const which = isToken ? "a token is said to a server that has proved its name alone" : "it must ask by SCRAM";
        throw new Error(`the server asks for the password itself, which is never sent: ${which}`);
      }
      return password;
    },
    ssl: settings.tls === undefined ? false : tlsOptions(settings.tls, host),
    sslnegotiation: "postgres",
    application_name: OWN_NAME,
    client_encoding: "UTF8",
    // As options of the session they go above what is set for the database, and `DISCARD ALL` comes back to them.
    options: [
      // Whoever owns the database could else slip functions of his own in among PostgreSQL's, to be called by the manager.
      "-c search_path=pg_catalog",
      `-c lock_timeout=${limits.lockMs}`,
      `-c statement_timeout=${limits.statementMs}`,
      `-c idle_in_transaction_session_timeout=${limits.idleMs}`,
    ].join(" "),
    connectionTimeoutMillis: limits.connectMs,
    query_timeout: limits.statementMs + SILENCE_MS,
  });
  // A session that is cut between two statements says so here; the next statement fails by itself.
  client.on("error", () => undefined);
  client.connection.on("authenticationCleartextPassword", () => {
    inTheClear = true;
  });
  try {
    await client.connect().catch((error: Error) => {
      throw new NoSession(host, isRefusal(error), whyNot(error, settings.tls?.name ?? host));
    });
    return await use({
      query: async (statement, values) => {
        const result = await client.query(statement, values).catch((error: Error) => {
          throw inWords(error, host);
        });
        return result.rows;
      },
    });
  } finally {
    await goodbye({ end: () => client.end(), cut: () => client.connection.stream.destroy() });
  }
}

/** Whether what is said is encrypted, for somebody whose certificate was looked at; the client goes on with no other one. */
function hasProvedItsName({ connection }: Client): boolean {
  return connection.stream instanceof TLSSocket && connection.stream.authorized;
}

/**
 * The database says no to who came, SQLSTATE class 28: 28P01 to the password, 28000 to the user. It says 28000 too where it
 * has no rule for the way that he came, e.g. without encryption; that says nothing of him.
 */
function isRefusal(error: Error): boolean {
  if (!(error instanceof DatabaseError) || error.code === undefined) return false;
  return error.code.startsWith("28") && !(error.code === "28000" && error.routine === "ClientAuthentication");
}

/** SQLSTATEs of whoever waited in vain for a lock or a statement, or met somebody at the same thing. */
const MET = /^(55P03|57014|40)/;
/** What PostgreSQL says without a code of its own when two alter one role at once. */
const MET_IN_WORDS = "tuple concurrently updated";
/** SQLSTATEs with which a server takes its leave, or says that it is a reader now. */
const GONE = /^(08|53|57P|25006|25P03)/;

/** An error of the database as a step throws it: no statement in it, and no parameter. */
function inWords(error: Error, host: string): StepError {
  const code = error instanceof DatabaseError ? error.code : undefined;
  const words = `${host}: ${printable(error.message)}${code === undefined ? "" : ` (${code})`}`;
  if (MET.test(code ?? "") || error.message === MET_IN_WORDS) return new StepError(AUTHORITY_ERRORS.busy, words);
  const isGone = code === undefined || GONE.test(code);
  return new StepError(isGone ? AUTHORITY_ERRORS.unreachable : AUTHORITY_ERRORS.unwilling, words);
}

function tlsOptions({ ca, name }: { ca: string; name?: string }, host: string): ConnectionOptions {
  return {
    ca,
    rejectUnauthorized: true,
    checkServerIdentity: (_, certificate) => checkServerIdentity(name ?? host, certificate),
  };
}

/** Why a connection did not come about. */
function whyNot(error: Error & { code?: string }, name: string): string {
  if (error instanceof AggregateError) return whyNot(error.errors[0], name);
  const words = printable(error.message);
  if (error.code === undefined && /does not support SSL/.test(words)) {
    return "the server does not encrypt, and nothing is said in the clear";
  }
  if (error.code === undefined && /^timeout expired/.test(words)) return "it does not answer";
  return inOwnWords(words, error.code, name);
}
