import { escapeIdentifier, escapeLiteral } from "pg";
import { postgresAuthority } from "../../functions/clients/authority.postgres.ts";
import type { Login } from "../../functions/clients/authority.ts";
import { preparationSql } from "../../functions/postgres/preparation.ts";
import { scramVerifier } from "../../functions/postgres/scram-verifier.ts";
import { inSession, type Session } from "../../functions/postgres/session.ts";
import { LIMITS, NoSession } from "../../functions/shared/database-sessions.ts";
import { Refused } from "../deploy/report.ts";
import { actingOf, isLetIn, type PreparedEngine, settingsOf, told, triedUser } from "./engine.ts";
import type { OwnersWay } from "./owners-way.ts";

const FIRST_RELEASE = 16;
/** To hand over what somebody owns takes its time where he owns much. */
const STATEMENT_MS = 600_000;
/** A login that is made for a try is of no use after this, whoever dies meanwhile. */
const TRIED_FOR_MS = 300_000;

export const postgresEngine: PreparedEngine = {
  schemes: ["postgres", "postgresql"],
  port: 5432,
  resetBy: "DISCARD ALL",
  whyNotOwner: (release) =>
    `Release ${release} does not keep to ALTER ROLE … SET role, as 17.0 and 17.1 do not: go to the newest release of its line first.`,
  text: preparationSql,
  verifier: scramVerifier,

  accepts: (way, login) =>
    isLetIn(
      as(login, way, async () => undefined),
      (error) => inSentence(error, way),
    ),

  async run(way, preparation) {
    await asOwner(way, async (session) => {
      await demandRelease(session, way);
      await session.query(preparationSql(preparation));
    });
  },

  async tryActing(way, { credential, owner, random, now }) {
    const user = triedUser(credential);
    const name = escapeIdentifier(user);
    const password = random(24).toString("hex");
    const until = new Date(now() + TRIED_FOR_MS).toISOString();
    const verifier = scramVerifier(password, random);
    return asOwner(way, async (session) => {
      await session.query(`DROP ROLE IF EXISTS ${name}`);
      await session.query(
        `CREATE ROLE ${name} LOGIN PASSWORD ${escapeLiteral(verifier)} VALID UNTIL ${escapeLiteral(until)};
         GRANT ${escapeIdentifier(owner)} TO ${name};
         ALTER ROLE ${name} SET role = ${escapeLiteral(owner)}`,
      );
      try {
        return await actingOf({ user, password }, owner, way, (settings, manager) =>
          postgresAuthority(settings, { manager, random }),
        );
      } finally {
        await session.query(`DROP ROLE ${name}`);
      }
    });
  },
};

function as<T>(login: Login, way: OwnersWay, use: (session: Session) => Promise<T>): Promise<T> {
  const limits = { ...LIMITS, statementMs: STATEMENT_MS };
  return inSession({ host: way.host, login, settings: settingsOf(way), limits }, use);
}

function asOwner<T>(way: OwnersWay, use: (session: Session) => Promise<T>): Promise<T> {
  return as(way.login, way, use).catch((error: unknown) => {
    throw inSentence(error, way);
  });
}

async function demandRelease(session: Session, { host }: OwnersWay): Promise<void> {
  const [row] = await session.query<{ server_version: string }>("SHOW server_version");
  const release = row?.server_version.split(" ", 1).join() ?? "";
  if (Number.parseInt(release, 10) >= FIRST_RELEASE) return;
  throw new Refused(`${host} is PostgreSQL ${release}. Keyturn asks for ${FIRST_RELEASE} or later.`);
}

/** SQLSTATE of who may not do what he asks for. */
const NOT_PRIVILEGED = /\(42501\)$/;
const WHO = "a superuser, or of who owns the database and may make roles (CREATEROLE; on Amazon RDS, the master user)";

function inSentence(error: unknown, way: OwnersWay): unknown {
  if (error instanceof NoSession && error.message.includes("(3D000)")) {
    return new Refused(`${way.host} has no database ${way.dbname}: make it first.`);
  }
  return told(error, way, { notPrivileged: NOT_PRIVILEGED, who: WHO });
}
