import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { preparationSql } from "../../../functions/postgres/preparation.ts";
import { scramVerifier } from "../../../functions/postgres/scram-verifier.ts";
import type { Preparation } from "../../../functions/shared/preparation.ts";
import type { PostgresServer } from "../../../local/postgres/server.ts";
import { randomOf } from "./random-of.ts";
import { type Connecting, onPostgres, serverFolder, startServer, withSession } from "./under-test.ts";

let drawn = 0;
/** A database that no other test has, its roles, and what a password's verifier is made of. */
function newPreparation(): Preparation {
  drawn += 1;
  const dbname = `shop${drawn}`;
  const manager = { user: `${dbname}_manager`, verifier: verifierOf("the manager's") };
  return { credential: dbname, dbname, owner: `${dbname}_owner`, users: [`${dbname}_a`, `${dbname}_b`], manager };
}
const verifierOf = (password: string) => scramVerifier(password, randomOf(password));

describe("the SQL", () => {
  test("has no password in it, and nothing but statements of one transaction", () => {
    const sql = preparationSql(newPreparation());
    expect(sql).toMatch(/^BEGIN;\n.*;\nCOMMIT;\n$/s);
    expect(sql).not.toContain("the manager's");
  });

  test.each<[string, Partial<Preparation>, RegExp]>([
    ["owner and user are one role", { owner: "one", users: ["one", "two"] }, /must be different roles/],
    ["the users are one role", { users: ["one", "one"] }, /must be different roles/],
    ["the former user is none of the users", { former: "another" }, /none of the users/],
  ])("is not made where %s", (_, changes, sentence) => {
    const making = () => preparationSql({ ...newPreparation(), ...changes });
    expect(making).toThrow(TypeError);
    expect(making).toThrow(sentence);
  });
});

onPostgres("on PostgreSQL, the SQL", () => {
  const { folder, remove } = serverFolder();
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startServer({ folder });
  });
  afterAll(async () => {
    await server?.remove();
    remove();
  });

  const superuser = (database?: string): Connecting => ({
    port: server.port,
    ...server.superuser,
    ...(database !== undefined && { database }),
  });
  const run = (connecting: Connecting, ...statements: string[]) =>
    withSession(connecting, async (session) => {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) ({ rows } = await session.query(statement));
      return rows;
    });
  const as = (user: string, database: string): Connecting => ({ port: server.port, user, password: "pw", database });

  /** A database as people have one: one user, who owns it and all that is in it. */
  async function oneUser({ dbname, users: [former = ""] }: Preparation): Promise<string> {
    await run(superuser(), `CREATE ROLE "${former}" LOGIN PASSWORD '${verifierOf("pw")}'`);
    await run(superuser(), `CREATE DATABASE "${dbname}" OWNER "${former}"`);
    await run(
      as(former, dbname),
      "CREATE SCHEMA stock CREATE TABLE items (id serial PRIMARY KEY, n int) CREATE VIEW all_items AS SELECT * FROM items",
      "CREATE FUNCTION three() RETURNS int LANGUAGE sql AS 'SELECT 3'",
      "CREATE TYPE colour AS ENUM ('red')",
      "INSERT INTO stock.items (n) VALUES (1)",
    );
    return former;
  }

  /** All that the SQL is about, as the database's books have it. */
  const books = (database: string) =>
    run(
      superuser(database),
      `SELECT (SELECT json_agg(r ORDER BY r.rolname) FROM pg_roles r WHERE rolname LIKE '${database}%') AS roles,
              (SELECT json_agg(m ORDER BY m.roleid, m.member, m.grantor) FROM pg_auth_members m) AS members,
              (SELECT json_agg(s ORDER BY s.setrole) FROM pg_db_role_setting s) AS settings,
              (SELECT datacl FROM pg_database WHERE datname = '${database}') AS rights`,
    );

  test("makes roles of which nobody can log in yet but the manager, and changes nothing when it is run again", async () => {
    const preparation = newPreparation();
    const { dbname, users, manager } = preparation;
    await run(superuser(), `CREATE DATABASE "${dbname}"`);
    await run(superuser(dbname), preparationSql(preparation));
    const first = await books(dbname);
    await run(superuser(dbname), preparationSql(preparation));
    expect(await books(dbname)).toEqual(first);
    const managing = { ...as(manager.user, dbname), password: "the manager's" };
    expect(await run(managing, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    for (const user of users) await expect(run(as(user, dbname), "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
    // Without a verifier, the manager keeps the password that he has, and users keep theirs.
    await run(managing, `ALTER ROLE "${users[0]}" PASSWORD '${verifierOf("pw")}'`);
    await run(superuser(dbname), preparationSql({ ...preparation, manager: { user: manager.user } }));
    expect(await run(managing, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(await run(as(users[0] ?? "", dbname), "CREATE TABLE t (n int)", "SELECT current_user AS who")).toEqual([
      { who: preparation.owner },
    ]);
  });

  test("a user who was shut stays shut when it is run again", async () => {
    const preparation = newPreparation();
    const { dbname, users } = preparation;
    await run(superuser(), `CREATE DATABASE "${dbname}"`);
    await run(superuser(dbname), preparationSql(preparation));
    await run(superuser(), `ALTER ROLE "${users[0]}" NOLOGIN PASSWORD '${verifierOf("pw")}'`);
    await run(superuser(dbname), preparationSql(preparation));
    await expect(run(as(users[0] ?? "", dbname), "SELECT 1")).rejects.toMatchObject({ code: "28000" });
  });

  test("brings a database of one user over: he goes on, and what he has made is the other's too", async () => {
    const preparation = newPreparation();
    const { dbname, users, owner, manager } = preparation;
    const former = await oneUser(preparation);
    const open = withSession(as(former, dbname), async (session) => {
      await session.query("SELECT n FROM stock.items");
      await run(superuser(dbname), preparationSql({ ...preparation, former }));
      // Also a session that was open before.
      return (await session.query("INSERT INTO stock.items (n) VALUES (2) RETURNING n")).rows;
    });
    expect(await open).toEqual([{ n: 2 }]);
    await run(superuser(dbname), preparationSql({ ...preparation, former }));

    const other = users[1] ?? "";
    const managing = { ...as(manager.user, dbname), password: "the manager's" };
    await run(managing, `ALTER ROLE "${other}" PASSWORD '${verifierOf("pw")}'`);
    for (const user of [former, other]) {
      const uses = ["INSERT INTO stock.items (n) VALUES (3)", "SELECT three() AS three, current_user AS who"];
      expect(await run(as(user, dbname), ...uses)).toEqual([{ three: 3, who: owner }]);
    }
    await run(as(former, dbname), "CREATE TABLE later (n int)");
    await run(as(other, dbname), "DROP TABLE later", "ALTER TABLE stock.items ADD COLUMN m int", "DROP TYPE colour");
    const owned = await run(
      superuser(dbname),
      `SELECT count(*)::int AS count FROM pg_shdepend WHERE refobjid = '"${former}"'::regrole AND deptype = 'o'`,
    );
    expect(owned).toEqual([{ count: 0 }]);
  });

  /** By what he has of his own: how it comes about, what the sentence names, and what is done about it. */
  test.each<
    [
      string,
      (of: { former: string; reader: string }) => string[],
      RegExp,
      (of: Record<"owner" | "other" | "former" | "reader", string>) => string[],
    ]
  >([
    [
      "rights on what others own",
      ({ former }) => ["CREATE TABLE prices (n int)", `GRANT SELECT ON prices TO "${former}"`],
      /^\w+_a has what \w+_owner has not: table public\.prices\. Make the role \w+_owner /,
      ({ owner }) => [`GRANT SELECT ON prices TO "${owner}"`],
    ],
    [
      "rights by being a member of a role",
      ({ former, reader }) => [
        "CREATE TABLE prices (n int)",
        `GRANT SELECT ON prices TO "${reader}"; GRANT "${reader}" TO "${former}"`,
      ],
      /^\w+_a has what \w+_owner has not: membership of \w+_reader\. /,
      ({ owner, reader }) => [`GRANT "${reader}" TO "${owner}"`],
    ],
    [
      "rights that others get on what he makes",
      ({ former, reader }) => [
        "CREATE TABLE prices ()",
        "GRANT SELECT ON prices TO PUBLIC",
        `ALTER DEFAULT PRIVILEGES FOR ROLE "${former}" GRANT SELECT ON TABLES TO "${reader}"`,
      ],
      /^\w+_a has what \w+_owner has not: default privileges on new relations belonging to role \w+_a\. /,
      ({ owner, reader }) => [`ALTER DEFAULT PRIVILEGES FOR ROLE "${owner}" GRANT SELECT ON TABLES TO "${reader}"`],
    ],
    [
      "settings",
      ({ former }) => [
        "CREATE SCHEMA elsewhere CREATE TABLE prices ()",
        "GRANT ALL ON SCHEMA elsewhere TO PUBLIC; GRANT ALL ON elsewhere.prices TO PUBLIC",
        `ALTER ROLE "${former}" SET search_path = elsewhere, stock`,
      ],
      /^\w+_b has not the settings of \w+_a: search_path=elsewhere, stock\. Make the role \w+_b /,
      ({ other }) => [`CREATE ROLE "${other}"`, `ALTER ROLE "${other}" SET search_path = elsewhere, stock`],
    ],
  ])(
    "ends with what would be missed, and changes nothing, where the former user alone has %s",
    async (_, has, sentence, mends) => {
      const preparation = newPreparation();
      const { dbname, owner, users } = preparation;
      const former = await oneUser(preparation);
      const reader = `${dbname}_reader`;
      await run(superuser(dbname), `CREATE ROLE "${reader}"`, ...has({ former, reader }));
      const before = await books(dbname);
      const running = () => run(superuser(dbname), preparationSql({ ...preparation, former }));
      await expect(running()).rejects.toMatchObject({ message: expect.stringMatching(sentence) });
      expect(await books(dbname)).toEqual(before);
      expect(await run(as(former, dbname), "SELECT current_user AS who")).toEqual([{ who: former }]);
      // As the sentence says.
      await run(
        superuser(dbname),
        `CREATE ROLE "${owner}"`,
        ...mends({ owner, former, reader, other: users[1] ?? "" }),
      );
      for (const _ of [1, 2]) await running();
      expect(await run(as(former, dbname), "SELECT * FROM prices")).toEqual([]);
    },
  );

  test.each(["SUPERUSER", "CREATEROLE"])("ends, and changes nothing, where a user has %s", async (attribute) => {
    const preparation = newPreparation();
    const { dbname } = preparation;
    const former = await oneUser(preparation);
    await run(superuser(), `ALTER ROLE "${former}" ${attribute}`);
    const before = await books(dbname);
    await expect(run(superuser(dbname), preparationSql({ ...preparation, former }))).rejects.toThrow(
      `${former} may alter more roles than it should`,
    );
    expect(await books(dbname)).toEqual(before);
  });

  test("can be run by whoever owns the database and may make roles, as people have it on Amazon RDS", async () => {
    const preparation = newPreparation();
    const { dbname, users, owner, manager } = preparation;
    const [former = "", other = ""] = users;
    const master = as(`${dbname}_master`, "postgres");
    await run(
      superuser(),
      `CREATE ROLE "${master.user}" LOGIN CREATEROLE CREATEDB PASSWORD '${verifierOf("pw")}'`,
      `GRANT pg_read_all_stats TO "${master.user}" WITH ADMIN TRUE`,
      "CREATE ROLE rds_password",
    );
    await run(
      master,
      `CREATE ROLE "${former}" LOGIN PASSWORD '${verifierOf("pw")}'`,
      `CREATE DATABASE "${dbname}"`,
      `GRANT CREATE ON DATABASE "${dbname}" TO "${former}"`,
    );
    await run({ ...master, database: dbname }, `GRANT CREATE ON SCHEMA public TO "${former}"`);
    await run(as(former, dbname), "CREATE TABLE items (n int)");
    await run(superuser(), `GRANT rds_password TO "${master.user}" WITH ADMIN TRUE`);
    for (const _ of [1, 2]) {
      await run({ ...master, database: dbname }, preparationSql({ ...preparation, former }));
    }
    const managing = { ...as(manager.user, dbname), password: "the manager's" };
    await run(managing, `ALTER ROLE "${other}" PASSWORD '${verifierOf("pw")}'`);
    expect(await run(managing, "SELECT pg_has_role('rds_password', 'member') AS member")).toEqual([{ member: true }]);
    expect(await run(as(other, dbname), "SELECT n FROM items")).toEqual([]);
    // What he was for the moment, he is no more.
    const memberships = `SELECT pg_has_role('${owner}', 'usage') AS owner, pg_has_role('${former}', 'usage') AS former`;
    expect(await run(master, memberships)).toEqual([{ owner: false, former: false }]);
    await run(superuser(), "DROP OWNED BY rds_password", "DROP ROLE rds_password");
  });

  test("calls no functions but PostgreSQL's own, whatever the database's owner has put in their way", async () => {
    const preparation = newPreparation();
    const former = await oneUser(preparation);
    const trap = "RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$";
    await run(
      as(former, preparation.dbname),
      `CREATE FUNCTION public.current_database() ${trap}`,
      `CREATE FUNCTION public.to_regnamespace(text) ${trap}`,
      `ALTER DATABASE "${preparation.dbname}" SET search_path = public, pg_catalog`,
    );
    const asked = run(superuser(preparation.dbname), "SELECT to_regnamespace('public'::text)");
    await expect(asked).rejects.toThrow("trapped");
    for (const _ of [1, 2]) await run(superuser(preparation.dbname), preparationSql({ ...preparation, former }));
  });

  test("takes every name as a name", async () => {
    const dbname = "'; \\ \"$keyturn$; %";
    const names = { dbname, owner: `${dbname}o`, users: [`${dbname}a`, `${dbname}b`] };
    const preparation = { credential: "x", ...names, manager: { user: `${dbname}m` }, former: `${dbname}a` };
    await withSession(superuser(), async (session) => {
      const [user, database] = [names.users[0] ?? "", dbname].map(session.escapeIdentifier);
      await session.query(`CREATE ROLE ${user}`);
      await session.query(`CREATE DATABASE ${database} OWNER ${user}`);
    });
    for (const _ of [1, 2]) await run(superuser(dbname), preparationSql(preparation));
    const roles = await run(superuser(), `SELECT rolname FROM pg_roles WHERE rolname LIKE '%$keyturn$%' ORDER BY 1`);
    expect(roles.map(({ rolname }) => rolname)).toEqual(["a", "b", "m", "o"].map((end) => `${dbname}${end}`));
  });
});
