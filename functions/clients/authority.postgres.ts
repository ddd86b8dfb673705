import { createHash } from "node:crypto";
import { escapeIdentifier, escapeLiteral } from "pg";
import { frame } from "../../protocol/index.ts";
import { scramVerifier } from "../postgres/scram-verifier.ts";
import { inSession, type Session } from "../postgres/session.ts";
import { askingServers } from "../shared/database-authority.ts";
import { failedAs, LIMITS, type Limits } from "../shared/database-sessions.ts";
import { StepError } from "../shared/errors.ts";
import {
  type Acting,
  AUTHORITY_ERRORS,
  type Authority,
  type AuthoritySettings,
  demandUser,
  type ManagerLogin,
  type Use,
} from "./authority.ts";

interface Manager {
  /** The login of who may alter the users, for a server; asked for anew for each session, since it turns or ends as well. */
  manager: (host: string) => Promise<ManagerLogin>;
  random: (bytes: number) => Buffer;
  limits?: Partial<Limits>;
}

/** PostgreSQL as an authority, from release 16 on. */
export function postgresAuthority(settings: AuthoritySettings, { manager, random, limits }: Manager): Authority {
  const { credential, hosts, owner } = settings;
  const [writer] = hosts;
  const all = { ...LIMITS, ...limits };

  const as = <T>(login: ManagerLogin, host: string, use: (session: Session) => Promise<T>) =>
    inSession({ host, login, settings, limits: all }, use);

  async function asManager<T>(host: string, use: (session: Session) => Promise<T>): Promise<T> {
    const login = await manager(host);
    return as(login, host, use).catch(failedAs(AUTHORITY_ERRORS.managerRefused, "the manager"));
  }

  /** Does one thing under the credential's lock, in one transaction, if it may still be done then. */
  async function alter(statement: string, mayGoOn: () => Promise<boolean>): Promise<boolean> {
    return asManager(writer, async (session) => {
      await session.query("BEGIN");
      await session.query("SELECT pg_advisory_xact_lock($1)", [lockOf(credential)]);
      // Where it says no or throws, the session ends without a commit, and with it all that was done in it.
      if (!(await mayGoOn())) return false;
      await session.query(statement);
      await session.query("COMMIT");
      return true;
    });
  }

  return {
    ...askingServers(settings, {
      logIn: (login, host) => as(login, host, async () => undefined),
      actingOn: (login, host) =>
        as(login, host, async (session): Promise<Acting> => {
          const fresh = await textOf(session, "current_user");
          await session.query("DISCARD ALL");
          const afterDiscard = await textOf(session, "current_user");
          const version = await textOf(session, "current_setting('server_version')");
          const release = version.split(" ", 1).join();
          return { host, asOwner: fresh === owner && afterDiscard === owner, fresh, afterDiscard, release };
        }),
      usesOn: (host, users) => asManager(host, (session) => usesOn(host, session, users)),
    }),

    async honour({ user, password }, mayGoOn) {
      demandUser(user, settings);
      const verifier = scramVerifier(password, random);
      return alter(`ALTER ROLE ${escapeIdentifier(user)} LOGIN PASSWORD ${escapeLiteral(verifier)}`, mayGoOn);
    },

    async refuse(user, stroke, mayGoOn) {
      demandUser(user, settings);
      return alter(
        `ALTER ROLE ${escapeIdentifier(user)} NOLOGIN${stroke === "PASSWORD" ? " PASSWORD NULL" : ""}`,
        mayGoOn,
      );
    },
  };
}

/** The number of a credential's lock: a signed one of 64 bits, as PostgreSQL wants it. */
function lockOf(credential: string): string {
  return createHash("sha256")
    .update(frame("keyturn/credential-lock/v1", credential))
    .digest()
    .readBigInt64BE()
    .toString();
}

async function textOf(session: Session, expression: string): Promise<string> {
  const [row] = await session.query<{ value: string }>(`SELECT ${expression} AS value`);
  return row?.value ?? "";
}

/** A session, as PostgreSQL lists it. */
interface Listed {
  user: string;
  application: string;
  address: string | null;
  since: number | null;
}

async function usesOn(host: string, session: Session, users: readonly string[]): Promise<Use[]> {
  const listed = await session.query<Listed>(
    `SELECT usename AS "user", application_name AS application, host(client_addr) AS address,
            extract(epoch FROM backend_start)::float8 * 1000 AS since
       FROM pg_stat_activity
      WHERE usename = ANY($1) AND backend_type IS DISTINCT FROM 'parallel worker'`,
    [users],
  );
  return listed.map(({ user, application, address, since }) => {
    // To whom may not see them, PostgreSQL shows that there are sessions, and nothing of them.
    if (since === null) {
      const what = "the manager does not see whose sessions there are: grant him pg_read_all_stats";
      throw new StepError(AUTHORITY_ERRORS.unwilling, `${host}: ${what}`);
    }
    return { host, user, application, address: address ?? undefined, since: Math.floor(since) };
  });
}
