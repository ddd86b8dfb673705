import { connect as connectSocket, isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import { createConnection } from "mysql2";
import type { RowDataPacket } from "mysql2/promise";
import { AUTHORITY_ERRORS, type AuthoritySettings, type Login, OWN_NAME } from "../clients/authority.ts";
import { goodbye, inOwnWords, type Limits, NoSession } from "../shared/database-sessions.ts";
import { StepError } from "../shared/errors.ts";
import { printable } from "../shared/printable.ts";

/** A session with one server. */
export interface Session {
  /**
   * Has one statement done, and gives its rows; none for what has no rows.
   *
   * @throws StepError of the names of `AUTHORITY_ERRORS`, without the statement
   */
  query<Row extends object>(statement: string): Promise<Row[]>;
  /** Makes it as if it had just begun, as poolers do between two who share a session. */
  reset(): Promise<void>;
}

/**
 * Does something in a session of its own.
 *
 * @param options.database without it the session is in no database
 * @param use is given the session
 * @throws NoSession when it does not come about, and what `use` throws
 */
export async function inSession<T>(
  {
    host,
    login,
    database,
    settings,
    limits,
  }: {
    host: string;
    login: Login;
    database?: string;
    settings: Pick<AuthoritySettings, "port" | "tls">;
    limits: Limits;
  },
  use: (session: Session) => Promise<T>,
): Promise<T> {
  // To a user who has no password the server would say yes.
  if (login.password === "") throw new NoSession(host, true, "the password is empty");
  const { port, tls } = settings;
  const name = tls?.name ?? host;
  // For an address, the client would look for a certificate of `localhost`.
  if (tls !== undefined && isIP(name) !== 0) {
    throw new NoSession(host, false, "an address is in no certificate that could be looked for: set tlsName");
  }
  const client = createConnection({
    // By this the client knows the server, and looks for it in the certificate.
    host: name,
    port,
    stream: () => connectSocket({ host, port }).setNoDelay(true),
    user: login.user,
    password: login.password,
    ...(database !== undefined && { database }),
    ...(tls && { ssl: { ca: tls.ca, rejectUnauthorized: true, verifyIdentity: true } }),
    connectTimeout: limits.connectMs,
    connectAttributes: { program_name: OWN_NAME },
    charset: "UTF8MB4_GENERAL_CI",
    // A server that is none could else ask for a file of this machine's.
    flags: ["-LOCAL_FILES"],
    disableEval: true,
  });
  // A session that is cut between two statements says so here; the next statement fails by itself.
  client.on("error", () => undefined);
  const connection = client.promise();
  const failed = (error: Error): never => {
    throw inWords(error, host);
  };
  await connection.connect().catch((error: Error) => {
    client.destroy();
    // The client puts a name of its own over the one that Node has for what is wrong with a certificate.
    const { stream } = client as { stream?: Partial<TLSSocket> };
    const code = stream?.authorizationError?.toString() ?? (error as NodeJS.ErrnoException).code;
    throw new NoSession(host, isRefusal(error), whyNot(error, code, name));
  });
  try {
    const waits = [`wait_timeout = ${seconds(limits.idleMs)}`, `lock_wait_timeout = ${seconds(limits.lockMs)}`];
    await connection.query(`SET SESSION ${waits.join(", SESSION ")}`).catch(failed);
    return await use({
      query: async (sql) => {
        const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: limits.statementMs }).catch(failed);
        return Array.isArray(rows) ? (rows as object[] as never[]) : [];
      },
      reset: () => connection.reset().catch(failed),
    });
  } finally {
    await goodbye({ end: () => connection.end(), cut: () => connection.destroy() });
  }
}

/** @returns whole ones, as the server wants them, one at least */
export function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** What a server says, and not the way there. */
interface Said extends Error {
  errno: number;
  sqlState: string;
}

function isSaid(error: Error): error is Said {
  return "sqlState" in error && "errno" in error && typeof error.errno === "number" && error.errno > 0;
}

/**
 * No to who came: 1045 and 1698 to the password, 3118 and (of MariaDB) 4151 to a user who is locked, 1862 to a password that has
 * ended.
 */
const REFUSALS = [1045, 1698, 1862, 3118, 4151];

function isRefusal(error: Error): boolean {
  return isSaid(error) && REFUSALS.includes(error.errno);
}

/** Whoever waited in vain for a lock or a statement. */
const MET = [1205, 1213, 1969, 3024, 3058];
/** With which a server takes its leave, is full, or says that it is a reader now. */
const GONE = [1040, 1053, 1129, 1203, 1226, 1290, 1317, 1836, 1927, 4031];
/** A statement that is not understood; the server repeats a part of it. */
const NOT_UNDERSTOOD = 1064;

/** An error of the database as a step throws it: no statement in it. */
function inWords(error: Error, host: string): StepError {
  if (!isSaid(error)) return new StepError(AUTHORITY_ERRORS.unreachable, `${host}: ${printable(error.message)}`);
  const said = error.errno === NOT_UNDERSTOOD ? "it does not understand what it is asked" : printable(error.message);
  const words = `${host}: ${said} (${error.errno})`;
  if (MET.includes(error.errno)) return new StepError(AUTHORITY_ERRORS.busy, words);
  return new StepError(GONE.includes(error.errno) ? AUTHORITY_ERRORS.unreachable : AUTHORITY_ERRORS.unwilling, words);
}

/** Why a connection did not come about. */
function whyNot(error: Error, code: string | undefined, name: string): string {
  // Where several addresses were tried, Node has no words for all of them.
  const words = printable(error.message) || "there is no way to it";
  // The client's own name for the number may be of another server's.
  if (isSaid(error)) return `${words} (${error.errno})`;
  if (code === "HANDSHAKE_NO_SSL_SUPPORT") return "the server does not encrypt, and nothing is said in the clear";
  if (code === "ETIMEDOUT") return "it does not answer";
  return inOwnWords(words, code, name);
}
