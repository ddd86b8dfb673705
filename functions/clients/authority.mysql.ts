import { createHash } from "node:crypto";
import { isIP } from "node:net";
import { frame } from "../../protocol/index.ts";
import { alteringProcedure } from "../mysql/preparation.ts";
import { actingAs } from "../mysql/roles.ts";
import { inSession, type Session, seconds } from "../mysql/session.ts";
import { type Flavour, flavourOf, impossibleVerifier, verifierOf } from "../mysql/verifiers.ts";
import { askingServers } from "../shared/database-authority.ts";
import { failedAs, LIMITS, type Limits } from "../shared/database-sessions.ts";
import { demandPassword } from "../shared/demand-password.ts";
import { StepError } from "../shared/errors.ts";
import {
  type Acting,
  AUTHORITY_ERRORS,
  type Authority,
  type AuthoritySettings,
  demandUser,
  type Login,
  type Use,
} from "./authority.ts";

interface Manager {
  /** The login of who may alter the users; read anew for each call, since it turns as well. */
  manager: () => Promise<Login>;
  random: (bytes: number) => Buffer;
  limits?: Partial<Limits>;
}

/**
 * MySQL from release 8 on, or MariaDB, as an authority: of accounts whose host is `%`.
 *
 * Neither changes users in a transaction. So the labels are looked at under the credential's lock right before the one
 * statement that changes something; the lock ends with the session, and a session that is idle under it is ended.
 */
export function mysqlAuthority(settings: AuthoritySettings, { manager, random, limits }: Manager): Authority {
  const { credential, hosts, dbname: database, owner } = settings;
  const [writer] = hosts;
  const all = { ...LIMITS, ...limits };

  const as = <T>(login: Login, host: string, use: (session: Session) => Promise<T>) =>
    inSession({ host, login, database, settings, limits: all }, use);

  /** He has nothing to do in the database itself. */
  async function asManager<T>(host: string, use: (session: Session) => Promise<T>): Promise<T> {
    const login = await manager();
    return inSession({ host, login, settings, limits: all }, use).catch(
      failedAs(AUTHORITY_ERRORS.managerRefused, "the manager"),
    );
  }

  /** Does one thing under the credential's lock, if it may still be done then. */
  async function alter(
    user: string,
    change: (flavour: Flavour) => { verifier?: string; mayLogIn: boolean },
    mayGoOn: () => Promise<boolean>,
  ): Promise<boolean> {
    return asManager(writer, async (session) => {
      const flavour = flavourOf((await textOf(session, "VERSION()")) ?? "");
      const got = await textOf(session, `CAST(GET_LOCK('${lockOf(credential)}', ${seconds(all.lockMs)}) AS CHAR)`);
      if (got !== "1") throw new StepError(AUTHORITY_ERRORS.busy, `${writer}: somebody else has the credential's lock`);
      // What alters users may alter them on a reader, too, which the next change on the writer would not know of.
      if (!["0", "OFF"].includes((await textOf(session, "CONCAT(@@GLOBAL.read_only)")) ?? "")) {
        throw new StepError(AUTHORITY_ERRORS.unreachable, `${writer}: it is a reader now, which nothing is written to`);
      }
      // Where it says no or throws, the session ends, and the lock with it.
      if (!(await mayGoOn())) return false;
      const { verifier, mayLogIn } = change(flavour);
      const given = verifier === undefined ? "NULL" : `'${verifier}'`;
      await session.query(`CALL ${alteringProcedure(user)}(${given}, ${mayLogIn ? "TRUE" : "FALSE"})`);
      return true;
    });
  }

  return {
    ...askingServers(settings, {
      logIn: (login, host) => as(login, host, async () => undefined),
      actingOn: (login, host) =>
        as(login, host, async (session): Promise<Acting> => {
          const now = async () => actingAs(await textOf(session, "CURRENT_ROLE()"), { user: login.user, owner });
          const fresh = await now();
          await session.reset();
          const afterDiscard = await now();
          const release = ((await textOf(session, "VERSION()")) ?? "").split("-", 1).join();
          return { host, asOwner: fresh === owner && afterDiscard === owner, fresh, afterDiscard, release };
        }),
      usesOn: (host, users) => asManager(host, (session) => usesOn(host, session, users)),
    }),

    async honour({ user, password }, mayGoOn) {
      demandUser(user, settings);
      demandPassword(password);
      const change = (flavour: Flavour) => ({ verifier: verifierOf(password, flavour, random), mayLogIn: true });
      return alter(user, change, mayGoOn);
    },

    async refuse(user, stroke, mayGoOn) {
      demandUser(user, settings);
      const change = (flavour: Flavour) => ({
        ...(stroke === "PASSWORD" && { verifier: impossibleVerifier(flavour, random) }),
        mayLogIn: false,
      });
      return alter(user, change, mayGoOn);
    },
  };
}

/** The name of a credential's lock: 64 characters at the most, as MySQL wants it. */
function lockOf(credential: string): string {
  return `keyturn ${createHash("sha256").update(frame("keyturn/credential-lock/v1", credential)).digest("hex").slice(0, 40)}`;
}

async function textOf(session: Session, expression: string): Promise<string | null> {
  const [row] = await session.query<{ value: string | null }>(`SELECT ${expression} AS value`);
  return row?.value ?? null;
}

/** A session, as the server lists it. */
interface Listed {
  user: string;
  host: string;
  /** What its client said of itself; null where it did not, or the server does not keep it. */
  application: string | null;
  since: string;
}

/**
 * Who uses these users on one server. Neither MySQL nor MariaDB says since when a session is open, only since when it does
 * what it does now: it began then or before.
 */
async function usesOn(host: string, session: Session, users: readonly string[]): Promise<Use[]> {
  // To whom may not see them, the server shows none but his own.
  const grants = (await session.query<Record<string, string>>("SHOW GRANTS")).flatMap((row) => Object.values(row));
  if (!grants.some((grant) => /^GRANT (ALL PRIVILEGES|.*\bPROCESS\b.*) ON \*\.\* TO /.test(grant))) {
    const what = "the manager does not see whose sessions there are: grant him PROCESS";
    throw new StepError(AUTHORITY_ERRORS.unwilling, `${host}: ${what}`);
  }
  const listed = await session.query<Listed>(
    `SELECT sessions.user AS user, sessions.host AS host, attributes.attr_value AS application,
            CAST(FLOOR((UNIX_TIMESTAMP(NOW(3)) - COALESCE(sessions.time, 0)) * 1000) AS CHAR) AS since
       FROM information_schema.processlist AS sessions
       LEFT JOIN performance_schema.session_connect_attrs AS attributes
         ON attributes.processlist_id = sessions.id AND attributes.attr_name = 'program_name'`,
  );
  return listed
    .filter(({ user }) => users.includes(user))
    .map(({ user, host: from, application, since }) => {
      const address = from.replace(/:\d+$/, "");
      return {
        ...{ host, user, application: application ?? "", since: Number(since) },
        // Where the server asks who an address is, it shows a name.
        address: isIP(address) === 0 ? undefined : address,
      };
    });
}
