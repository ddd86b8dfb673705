import { escapeIdentifier, escapeLiteral } from "pg";
import { demandUser } from "../clients/authority.ts";
import type { Preparation } from "../shared/preparation.ts";

/**
 * The SQL that brings a database under Keyturn: a role that owns and cannot log in, the users that take turns acting as it,
 * and a manager who may alter these, see whose sessions there are, and read nothing. For PostgreSQL from release 16 on; run
 * in the database itself, by a superuser or whoever owns the database and may make roles. It is one transaction, and does no
 * harm when it is run again. New users have no password yet, so nobody can log in as one of them.
 *
 * It ends with an error that says what to do, and changes nothing, where owner or users may alter roles; where the former user
 * has rights on what others own, or is a member of roles, and the owner has and is nothing of that kind: acting as the owner,
 * he would be without them; and where his sessions have settings that the other user's have not.
 *
 * @returns statements as `psql` takes them
 * @throws TypeError when two of the roles have one name, or the former is none of the users
 */
export function preparationSql({ credential, dbname, owner, users, manager, former }: Preparation): string {
  const roles = [owner, ...users, manager.user];
  if (new Set(roles).size < roles.length) throw new TypeError("owner, users and manager must be different roles");
  if (former !== undefined) demandUser(former, { credential, users });
  const names = users.map(escapeIdentifier).join(", ");
  const ownerName = escapeIdentifier(owner);
  const managerName = escapeIdentifier(manager.user);
  // Whoever has made roles may alter them, and cannot be given that by himself: so the manager may run it, too.
  const isAnother = `current_user <> ${escapeLiteral(manager.user)}`;
  const statements = [
    "BEGIN",
    // Of the functions of these names, PostgreSQL's own: others could be in the way, for a superuser to call.
    "SET LOCAL search_path = pg_catalog",
    // Who is there and is shut, because all have moved away from him, stays shut.
    ...users.map((user) => when(`NOT ${isThere(user)}`, `CREATE ROLE ${escapeIdentifier(user)} LOGIN`)),
    ...[owner, manager.user].map((role) => when(`NOT ${isThere(role)}`, `CREATE ROLE ${escapeIdentifier(role)}`)),
    ...[owner, ...users].map((role) => refuseWhere(role, "rolsuper OR rolcreaterole")),
    refuseWhere(manager.user, "rolsuper"),
    `ALTER ROLE ${ownerName} NOLOGIN`,
    ...users.flatMap((user) => [
      `ALTER ROLE ${escapeIdentifier(user)} INHERIT`,
      `GRANT ${ownerName} TO ${escapeIdentifier(user)} WITH INHERIT TRUE, SET TRUE, ADMIN FALSE`,
      `ALTER ROLE ${escapeIdentifier(user)} SET role = ${escapeLiteral(owner)}`,
    ]),
    when(isAnother, `ALTER ROLE ${managerName} LOGIN CREATEROLE`),
    ...(manager.verifier === undefined
      ? []
      : [`ALTER ROLE ${managerName} PASSWORD ${escapeLiteral(manager.verifier)}`]),
    when(isAnother, `GRANT ${names} TO ${managerName} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`),
    when(
      `${isAnother} OR NOT pg_has_role('pg_read_all_stats', 'USAGE')`,
      `GRANT pg_read_all_stats TO ${managerName} WITH INHERIT TRUE`,
    ),
    // Amazon RDS has this role where only its members may change passwords.
    when(`${isThere("rds_password")} AND ${isAnother}`, `GRANT rds_password TO ${managerName}`),
    ...(manager.byIam ? [letInByIam(manager.user)] : []),
    `GRANT ALL ON DATABASE ${escapeIdentifier(dbname)} TO ${ownerName}`,
    `GRANT CONNECT ON DATABASE ${escapeIdentifier(dbname)} TO ${names}, ${managerName}`,
    when("to_regnamespace('public') IS NOT NULL", `GRANT USAGE, CREATE ON SCHEMA public TO ${ownerName}`),
    ...(former === undefined ? [] : handOver(former, without(users, former), owner)),
    "COMMIT",
  ];
  return statements.map((statement) => `${statement};\n`).join("");
}

const NO_IAM =
  "There is no role rds_iam: switch IAM authentication on for this database, which has to be one of Amazon RDS, and run this again.";
const LOCKED_OUT =
  "Whoever runs this would inherit rds_iam by the manager, and be let in by no password any more: take " +
  "createrole_self_grant away, or run it as somebody who does not inherit what the manager has.";

/** Who inherits `rds_iam`, by whichever roles, is let in by IAM alone: that must not come over whoever runs this. */
function letInByIam(manager: string): string {
  return block(`DECLARE already boolean;
BEGIN
  IF NOT ${isThere("rds_iam")} THEN RAISE EXCEPTION '%', ${escapeLiteral(NO_IAM)}; END IF;
  already := pg_has_role('rds_iam', 'USAGE');
  GRANT rds_iam TO ${escapeIdentifier(manager)};
  IF NOT already AND current_user <> ${escapeLiteral(manager)} AND pg_has_role('rds_iam', 'USAGE') THEN
    RAISE EXCEPTION '%', ${escapeLiteral(LOCKED_OUT)};
  END IF;
END`);
}

/** Gives the owner what the former user owns. Whoever does that must be a member of both for the moment. */
function handOver(former: string, others: readonly string[], owner: string): string[] {
  const [from, to] = [former, owner].map(escapeIdentifier);
  const isNoSuperuser = "NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)";
  return [
    when(isNoSuperuser, `GRANT ${from}, ${to} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE`),
    `REASSIGN OWNED BY ${from} TO ${to}`,
    when(isNoSuperuser, `REVOKE ${from}, ${to} FROM CURRENT_USER`),
    demandNothingOfHisOwn(former, owner),
    ...others.map((other) => demandHisSettings(former, other)),
  ];
}

/**
 * What the former user has and the owner has not: rights on what others own, roles that he is a member of, rights that come
 * with what he will make. By the database's own books; it does not compare which rights these are.
 */
function demandNothingOfHisOwn(former: string, owner: string): string {
  const [his, own] = [former, owner].map(oidOf);
  const sentence = [`${former} has what ${owner} has not: `, `. ${giveTheSame(owner)}`] as const;
  return refuseIfAny(
    sentence,
    `SELECT pg_describe_object(his.classid, his.objid, 0) AS one
       FROM (SELECT DISTINCT classid, objid, dbid FROM pg_shdepend
              WHERE refclassid = 'pg_authid'::regclass AND refobjid = ${his} AND deptype = 'a') AS his
      WHERE dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        AND his.classid <> 'pg_auth_members'::regclass
        AND NOT EXISTS (SELECT FROM pg_shdepend AS own
                         WHERE own.classid = his.classid AND own.objid = his.objid AND own.dbid = his.dbid
                           AND own.refclassid = 'pg_authid'::regclass AND own.refobjid = ${own}
                           AND own.deptype IN ('a', 'o'))
     UNION ALL
     SELECT pg_describe_object('pg_default_acl'::regclass, his.oid, 0) FROM pg_default_acl AS his
      WHERE defaclrole = ${his}
        AND NOT EXISTS (SELECT FROM pg_default_acl AS own
                         WHERE own.defaclrole = ${own} AND own.defaclnamespace = his.defaclnamespace
                           AND own.defaclobjtype = his.defaclobjtype)
     UNION ALL
     SELECT 'membership of ' || roleid::regrole FROM pg_auth_members AS his
      WHERE member = ${his} AND roleid <> ${own}
        AND NOT EXISTS (SELECT FROM pg_auth_members AS own WHERE own.member = ${own} AND own.roleid = his.roleid)`,
  );
}

/** What was set for the former user's sessions, as a search path is, and not for those of another user. */
function demandHisSettings(former: string, other: string): string {
  const settings = (user: string) => `SELECT unnest(setconfig) AS one FROM pg_db_role_setting
      WHERE setrole = ${oidOf(user)} AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))`;
  const sentence = [`${other} has not the settings of ${former}: `, `. ${giveTheSame(other)}`] as const;
  return refuseIfAny(sentence, `${settings(former)} EXCEPT ${settings(other)}`);
}

function giveTheSame(role: string): string {
  return `Make the role ${role} if it is not there, give it the same, and run this again.`;
}

/** @param query gives what is told of in the column `one`, between the two parts of the sentence */
function refuseIfAny([before, after]: readonly [string, string], query: string): string {
  return block(`DECLARE found text;
BEGIN
  SELECT string_agg(DISTINCT one, ', ') INTO found FROM (
     ${query}) AS each_one;
  IF found IS NOT NULL THEN RAISE EXCEPTION '%', ${escapeLiteral(before)} || found || ${escapeLiteral(after)}; END IF;
END`);
}

function oidOf(role: string): string {
  return `(SELECT oid FROM pg_roles WHERE rolname = ${escapeLiteral(role)})`;
}

function isThere(role: string): string {
  return `EXISTS (SELECT FROM pg_roles WHERE rolname = ${escapeLiteral(role)})`;
}

function refuseWhere(role: string, attributes: string): string {
  const found = `EXISTS (SELECT FROM pg_roles WHERE rolname = ${escapeLiteral(role)} AND (${attributes}))`;
  const sentence = `${role} may alter more roles than it should (SUPERUSER or CREATEROLE): choose another role, or take that away.`;
  return when(found, `RAISE EXCEPTION '%', ${escapeLiteral(sentence)}`);
}

function when(condition: string, statement: string): string {
  return block(`BEGIN IF ${condition} THEN ${statement}; END IF; END`);
}

function without(users: readonly string[], one: string): string[] {
  return users.filter((user) => user !== one);
}

const QUOTE = "$keyturn$";

function block(code: string): string {
  return `DO ${code.includes(QUOTE) ? escapeLiteral(code) : `${QUOTE}${code}${QUOTE}`}`;
}
