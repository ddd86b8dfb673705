import { type AuthoritySettings, demandUser } from "../clients/authority.ts";
import { account, literal, quoted } from "./quoting.ts";
import { type Flavour, FORM, IDENTIFIED } from "./verifiers.ts";

export interface MysqlPreparation extends Pick<AuthoritySettings, "credential" | "dbname" | "owner" | "users"> {
  flavour: Flavour;
  manager: {
    user: string;
    /** His password's verifier, as `verifierOf` makes it; without it his password stays as it is, or he has none. */
    verifier?: string;
  };
  /** One of the users, who is there already. */
  former?: string;
}

/** The database in which that lies what the manager may do. */
export const OWN_DATABASE = "keyturn";

/** The longest name of a user that each takes. */
const LONGEST_USER: Readonly<Record<Flavour, number>> = { mysql: 32, mariadb: 80 };
/** The longest name of a procedure. */
const LONGEST_NAME = 64;

/**
 * What alters one user. Whoever may alter one user by himself may in MariaDB alter all of them, root too; so the manager may
 * call these, and nothing else.
 */
export function alteringProcedure(user: string): string {
  return `${quoted(OWN_DATABASE)}.${quoted(`alter ${user}`)}`;
}

/** A verifier of no password: nobody is let in by it. MySQL's own accounts that nobody uses have it. */
const NOBODYS: Readonly<Record<Flavour, string>> = {
  mariadb: " IDENTIFIED VIA mysql_native_password USING 'invalid'",
  mysql:
    " IDENTIFIED WITH caching_sha2_password AS '$A$005$THISISACOMBINATIONOFINVALIDSALTANDPASSWORDTHATMUSTNEVERBRBEUSED'",
};

/**
 * The statements that bring a database under Keyturn: a role that cannot log in, the users that take turns acting as it, and
 * a manager who may alter these two, see whose sessions there are, and read nothing. To be run one by one, by who may make
 * users and give rights on the database; they do no harm when they are run again. There are no transactions of such
 * statements: where one fails, those before it are done.
 *
 * The users have the rights on the database by themselves, too: a view or procedure acts as who made it, and then without
 * his roles.
 *
 * @throws TypeError when two of the roles have one name, one has a name that the server does not take, or the former is none
 *   of the users
 */
export function preparationStatements(preparation: MysqlPreparation): string[] {
  const { credential, dbname, flavour, owner, users, manager, former } = preparation;
  const roles = [owner, ...users, manager.user];
  if (new Set(roles).size < roles.length) throw new TypeError("owner, users and manager must be different roles");
  const long = roles.find((role) => role.length > LONGEST_USER[flavour] || `alter ${role}`.length > LONGEST_NAME);
  if (long !== undefined) throw new TypeError(`the name ${long} is longer than ${flavour} takes`);
  if (dbname === OWN_DATABASE) throw new TypeError(`the database ${OWN_DATABASE} holds what the users must not alter`);
  if (former !== undefined) demandUser(former, { credential, users });
  const everybody = [quoted(owner), ...users.map(account)];
  return [
    `CREATE ROLE IF NOT EXISTS ${quoted(owner)}`,
    // A role of MySQL's is a user who may not log in.
    ...(flavour === "mysql" ? [`ALTER USER ${account(owner)} ACCOUNT LOCK`] : []),
    ...users.map((user) => `CREATE USER IF NOT EXISTS ${account(user)}${NOBODYS[flavour]} ACCOUNT LOCK`),
    ...everybody.map((one) => `GRANT ALL PRIVILEGES ON ${ofDatabase(dbname)} TO ${one}`),
    ...users.map((user) => `GRANT ${quoted(owner)} TO ${account(user)}`),
    ...users.map((user) => actingByDefault(user, owner, flavour)),
    `CREATE USER IF NOT EXISTS ${account(manager.user)}${NOBODYS[flavour]}`,
    ...(manager.verifier === undefined
      ? []
      : [`ALTER USER ${account(manager.user)}${IDENTIFIED[flavour].join(manager.verifier)} ACCOUNT UNLOCK`]),
    `CREATE DATABASE IF NOT EXISTS ${quoted(OWN_DATABASE)}`,
    ...users.flatMap((user) => [
      `DROP PROCEDURE IF EXISTS ${alteringProcedure(user)}`,
      altering(user, flavour),
      `GRANT EXECUTE ON PROCEDURE ${alteringProcedure(user)} TO ${account(manager.user)}`,
    ]),
    `GRANT PROCESS ON *.* TO ${account(manager.user)}`,
    `GRANT SELECT ON performance_schema.session_connect_attrs TO ${account(manager.user)}`,
  ];
}

/** The statements as the server's own command line takes them. */
export function preparationText(preparation: MysqlPreparation): string {
  return preparationStatements(preparation)
    .map((one) => (one.includes(";") ? `DELIMITER $$\n${one}$$\nDELIMITER ;\n` : `${one};\n`))
    .join("");
}

/** Has a user act as the owner, who is a role of his, from a session's start. */
export function actingByDefault(user: string, owner: string, flavour: Flavour): string {
  return `SET DEFAULT ROLE ${quoted(owner)} ${flavour === "mysql" ? "TO" : "FOR"} ${account(user)}`;
}

/** In the name of a database, these stand for others where rights are given. */
function ofDatabase(dbname: string): string {
  return `${quoted(dbname.replaceAll(/[\\_%]/g, "\\$&"))}.*`;
}

/** Makes what gives one user another verifier, or leaves him the one that he has, and lets him in or shuts him. */
function altering(user: string, flavour: Flavour): string {
  const [before, after] = IDENTIFIED[flavour];
  const by = `IF(verifier IS NULL, '', CONCAT(${literal(before)}, verifier, ${literal(after)}))`;
  return `CREATE PROCEDURE ${alteringProcedure(user)}(IN verifier VARCHAR(200), IN may_log_in BOOLEAN) SQL SECURITY DEFINER
BEGIN
  IF verifier IS NOT NULL AND NOT (verifier REGEXP '${FORM[flavour]}') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this is no verifier';
  END IF;
  SET @keyturn_alter = CONCAT(${literal(`ALTER USER ${account(user)}`)}, ${by}, IF(may_log_in, ' ACCOUNT UNLOCK', ' ACCOUNT LOCK'));
  PREPARE keyturn_alter FROM @keyturn_alter;
  EXECUTE keyturn_alter;
  DEALLOCATE PREPARE keyturn_alter;
  SET @keyturn_alter = NULL;
END`;
}
