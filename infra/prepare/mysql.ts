import { mysqlAuthority } from "../../functions/clients/authority.mysql.ts";
import type { Login } from "../../functions/clients/authority.ts";
import { actingByDefault, preparationStatements, preparationText } from "../../functions/mysql/preparation.ts";
import { account, literal, quoted } from "../../functions/mysql/quoting.ts";
import { inSession, type Session } from "../../functions/mysql/session.ts";
import { type Flavour, flavourOf, IDENTIFIED, verifierOf } from "../../functions/mysql/verifiers.ts";
import { LIMITS } from "../../functions/shared/database-sessions.ts";
import type { Preparation } from "../../functions/shared/preparation.ts";
import { Refused } from "../deploy/report.ts";
import { actingOf, isLetIn, type PreparedEngine, settingsOf, told, triedUser } from "./engine.ts";
import type { OwnersWay } from "./owners-way.ts";

/** From which release on each has what is needed, e.g. roles. */
const FIRST_RELEASE: Readonly<Record<Flavour, readonly [number, number]>> = { mysql: [8, 0], mariadb: [10, 4] };
const TITLE: Readonly<Record<Flavour, string>> = { mysql: "MySQL", mariadb: "MariaDB" };

export function mysqlEngine(flavour: Flavour): PreparedEngine {
  return {
    schemes: flavour === "mysql" ? ["mysql"] : ["mariadb", "mysql"],
    port: 3306,
    resetBy: "a reset",
    whyNotOwner: (release) =>
      `Release ${release} does not keep to SET DEFAULT ROLE: go to the newest release of its line first.`,
    text: (preparation) => preparationText({ ...preparation, flavour }),
    verifier: (password, random) => verifierOf(password, flavour, random),

    accepts: (way, login) =>
      isLetIn(
        as(login, way, async () => undefined),
        (error) => inSentence(error, way),
      ),

    async run(way, preparation) {
      await asOwner(way, async (session) => {
        await demandServer(session, way, flavour);
        await demandDatabase(session, way);
        await demandAccounts(session, way, preparation);
        if (preparation.former !== undefined) await demandNothingOfHisOwn(session, preparation, preparation.former);
        for (const statement of preparationStatements({ ...preparation, flavour })) await session.query(statement);
      });
    },

    async tryActing(way, { credential, owner, random }) {
      const user = triedUser(credential);
      const password = random(24).toString("hex");
      const identified = IDENTIFIED[flavour].join(verifierOf(password, flavour, random));
      return asOwner(way, async (session) => {
        await session.query(`DROP USER IF EXISTS ${account(user)}`);
        await session.query(`CREATE USER ${account(user)}${identified}`);
        try {
          await session.query(`GRANT ${quoted(owner)} TO ${account(user)}`);
          await session.query(actingByDefault(user, owner, flavour));
          return await actingOf({ user, password }, owner, way, (settings, manager) =>
            mysqlAuthority(settings, { manager, random }),
          );
        } finally {
          await session.query(`DROP USER ${account(user)}`);
        }
      });
    },
  };
}

function as<T>(login: Login, way: OwnersWay, use: (session: Session) => Promise<T>): Promise<T> {
  return inSession({ host: way.host, login, settings: settingsOf(way), limits: LIMITS }, use);
}

function asOwner<T>(way: OwnersWay, use: (session: Session) => Promise<T>): Promise<T> {
  return as(way.login, way, use).catch((error: unknown) => {
    throw inSentence(error, way);
  });
}

async function demandServer(session: Session, { host }: OwnersWay, flavour: Flavour): Promise<void> {
  const [row] = await session.query<{ version: string }>("SELECT VERSION() AS version");
  const version = row?.version ?? "";
  const found = flavourOf(version);
  if (found !== flavour) {
    throw new Refused(`${host} is ${TITLE[found]}, and the credential's engine is ${flavour}: correct cdk.json.`);
  }
  const [major = 0, minor = 0] = version.split(/[.-]/).map(Number);
  const [least, and] = FIRST_RELEASE[flavour];
  if (major > least || (major === least && minor >= and)) return;
  throw new Refused(`${host} is ${TITLE[flavour]} ${version}. Keyturn asks for ${least}.${and} or later.`);
}

async function demandDatabase(session: Session, { host, dbname }: OwnersWay): Promise<void> {
  const names = await session.query(
    `SELECT schema_name FROM information_schema.schemata WHERE schema_name = ${literal(dbname)}`,
  );
  if (names.length === 0) throw new Refused(`${host} has no database ${dbname}: make it first.`);
}

/** Of accounts of one name the server takes the one whose host fits best: who comes by another one is not turned. */
async function demandAccounts(session: Session, { host }: OwnersWay, { users, former }: Preparation): Promise<void> {
  const accounts = await session.query<{ user: string; host: string }>(
    "SELECT User AS user, Host AS host FROM mysql.user",
  );
  const strays = accounts.filter((one) => users.includes(one.user) && one.host !== "%");
  if (strays.length > 0) {
    const named = strays.map((one) => `'${one.user}'@'${one.host}'`).join(", ");
    throw new Refused(
      `${host} has ${named}, and Keyturn turns users from anywhere ('%') only: rename (RENAME USER) or drop what else there is.`,
    );
  }
  if (former !== undefined && !accounts.some((one) => one.user === former)) {
    throw new Refused(`${host} has no user ${former}: leave out --former, or correct it.`);
  }
}

/** What the former user may elsewhere, and the others may not. */
async function demandNothingOfHisOwn(
  session: Session,
  { dbname, owner, users }: Preparation,
  former: string,
): Promise<void> {
  const his = await rightsOf(session, former, { dbname, owner });
  for (const other of users.filter((user) => user !== former)) {
    const known = await rightsOf(session, other, { dbname, owner });
    const missed = his.filter((right) => !known.includes(right));
    if (missed.length === 0) continue;
    throw new Refused(
      `${former} has what ${other} has not: ${missed.join(", ")}. Make the user ${account(other)} if he is not there, give him the same, and run this again.`,
    );
  }
}

/** His rights but for those on the database and by the owner's role, e.g. `SELECT ON stock.*`; none for who is not there. */
async function rightsOf(
  session: Session,
  user: string,
  { dbname, owner }: Pick<Preparation, "dbname" | "owner">,
): Promise<string[]> {
  const known = await session.query(
    `SELECT User FROM mysql.user WHERE User = ${literal(user)} AND Host = ${literal("%")}`,
  );
  if (known.length === 0) return [];
  const lines = await session.query<Record<string, string>>(`SHOW GRANTS FOR ${account(user)}`);
  // How he is identified stands behind his name.
  const rights = lines.flatMap((row) => Object.values(row)).flatMap((line) => /^GRANT (.+?) TO /.exec(line)?.[1] ?? []);
  const given = [quoted(dbname), quoted(dbname.replaceAll(/[\\_%]/g, "\\$&"))].map((name) => ` ON ${name}.*`);
  // Whatever it is that he may in the database, the owner may all of it.
  const isOfDatabase = (right: string) => given.some((one) => right.endsWith(one));
  const ofOwner = [quoted(owner), account(owner)];
  return rights.filter((right) => right !== "USAGE ON *.*" && !isOfDatabase(right) && !ofOwner.includes(right));
}

/** The numbers of who may not do what he asks for. */
const NOT_PRIVILEGED = /\((1044|1045|1142|1227|1370|1410|1698)\)$/;
const WHO = "who may make users and give others rights on the database (root; on Amazon RDS, the master user)";

function inSentence(error: unknown, way: OwnersWay): unknown {
  return told(error, way, { notPrivileged: NOT_PRIVILEGED, who: WHO });
}
