import { escapeIdentifier, escapeLiteral } from "pg";
import { type AuthoritySettings, demandUser } from "../clients/authority.ts";

export interface Preparation extends Pick<AuthoritySettings, "credential" | "dbname" | "owner" | "users"> {
  /** Who alters the users' passwords. */
  manager: {
    user: string;
    /** His password's verifier, as `scramVerifier` makes it; without it his password stays as it is, or he has none. */
    verifier?: string;
  };
  /** One of the users, who is there already and has owned everything: the owner gets it. */
  former?: string;
}

/**
 * The SQL that brings a database under Keyturn: a role that owns and cannot log in, the users that take turns acting as it,
 * and a manager who may alter these, see whose sessions there are, and read nothing. For PostgreSQL from release 16 on; run
 * in the database itself, by a superuser or whoever owns the database and may make roles. It is one transaction, and does no
 * harm when it is run again. New users have no password yet, so nobody can log in as one of them.
 *
 * It ends with an error that says what to do, and changes nothing, where owner or users may alter roles, and where the former
 * user has rights on what others own and the owner has none there: acting as the owner, he would be without them.
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
  const statements = [
    "BEGIN",
    ...roles.map((role) => when(`NOT ${isThere(role)}`, `CREATE ROLE ${escapeIdentifier(role)}`)),
    ...[owner, ...users].map((role) => refuseWhere(role, "rolsuper OR rolcreaterole")),
    refuseWhere(manager.user, "rolsuper"),
    `ALTER ROLE ${ownerName} NOLOGIN`,
    ...users.flatMap((user) => [
      `ALTER ROLE ${escapeIdentifier(user)} LOGIN INHERIT`,
      `GRANT ${ownerName} TO ${escapeIdentifier(user)} WITH INHERIT TRUE, SET TRUE, ADMIN FALSE`,
      `ALTER ROLE ${escapeIdentifier(user)} SET role = ${escapeLiteral(owner)}`,
    ]),
    `ALTER ROLE ${managerName} LOGIN CREATEROLE`,
    ...(manager.verifier === undefined
      ? []
      : [`ALTER ROLE ${managerName} PASSWORD ${escapeLiteral(manager.verifier)}`]),
    `GRANT ${names} TO ${managerName} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`,
    `GRANT pg_read_all_stats TO ${managerName} WITH INHERIT TRUE`,
    // Amazon RDS has this role where only its members may change passwords.
    when(isThere("rds_password"), `GRANT rds_password TO ${managerName}`),
    `GRANT ALL ON DATABASE ${escapeIdentifier(dbname)} TO ${ownerName}`,
    `GRANT CONNECT ON DATABASE ${escapeIdentifier(dbname)} TO ${names}, ${managerName}`,
    when("to_regnamespace('public') IS NOT NULL", `GRANT USAGE, CREATE ON SCHEMA public TO ${ownerName}`),
    ...(former === undefined ? [] : handOver(former, owner)),
    "COMMIT",
  ];
  return statements.map((statement) => `${statement};\n`).join("");
}

/** Gives the owner what the former user owns. Whoever does that must be a member of both for the moment. */
function handOver(former: string, owner: string): string[] {
  const [from, to] = [former, owner].map(escapeIdentifier);
  const isNoSuperuser = "NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)";
  return [
    when(isNoSuperuser, `GRANT ${from}, ${to} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE`),
    `REASSIGN OWNED BY ${from} TO ${to}`,
    when(isNoSuperuser, `REVOKE ${from}, ${to} FROM CURRENT_USER`),
    demandNoRightsOfHisOwn(former, owner),
  ];
}

/** What the former user has rights on, and the owner has not, by the database's own book of such rights. */
function demandNoRightsOfHisOwn(former: string, owner: string): string {
  const oid = (role: string) => `(SELECT oid FROM pg_roles WHERE rolname = ${escapeLiteral(role)})`;
  const [has, grant] = [
    `${former} has rights that ${owner} has not, on `,
    `. Make the role ${owner} if it is not there, GRANT them to it, and run this again.`,
  ].map(escapeLiteral);
  return block(`DECLARE lacking text;
BEGIN
  SELECT string_agg(pg_describe_object(his.classid, his.objid, 0), ', ') INTO lacking
    FROM (SELECT DISTINCT classid, objid, dbid FROM pg_shdepend
           WHERE refclassid = 'pg_authid'::regclass AND refobjid = ${oid(former)} AND deptype = 'a') AS his
   WHERE dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
     AND NOT EXISTS (SELECT FROM pg_shdepend AS own
                      WHERE own.classid = his.classid AND own.objid = his.objid AND own.dbid = his.dbid
                        AND own.refclassid = 'pg_authid'::regclass AND own.refobjid = ${oid(owner)}
                        AND own.deptype IN ('a', 'o'));
  IF lacking IS NOT NULL THEN RAISE EXCEPTION '%', ${has} || lacking || ${grant}; END IF;
END`);
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

const QUOTE = "$keyturn$";

function block(code: string): string {
  return `DO ${code.includes(QUOTE) ? escapeLiteral(code) : `${QUOTE}${code}${QUOTE}`}`;
}
