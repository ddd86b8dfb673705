import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresAuthority } from "../../../functions/clients/authority.postgres.ts";
import type { AuthoritySettings, Login } from "../../../functions/clients/authority.ts";
import { preparationSql } from "../../../functions/postgres/preparation.ts";
import { lastingPort } from "../../../local/port.ts";
import type { PostgresServer } from "../../../local/postgres/server.ts";
import {
  connect,
  MANAGER,
  onPostgres,
  prepare,
  serverFolder,
  startServer,
  withSession,
} from "../postgres/under-test.ts";
import { authoritySuite, SETTINGS } from "./authority.suite.ts";

// The suite that the fake passes, over PostgreSQL: two servers, of which one takes over what the other knows when it is told
// to. And what only a real one can show.

const WRITER = "127.0.0.1";
/** Another address of this machine, so that two servers have one port, as a cluster's have. */
const READER = process.platform === "linux" ? "127.0.0.2" : "::1";
const [A, B] = SETTINGS.users;
const yes = async () => true;

let folders: ReturnType<typeof serverFolder>[] = [];
const servers = new Map<string, PostgresServer>();
const serverOn = (host: string) => servers.get(host) as PostgresServer;
let port = 0;
let settings: AuthoritySettings;
let managers = MANAGER;

async function start(host: string): Promise<void> {
  const { folder = "" } = folders[host === WRITER ? 0 : 1] ?? {};
  const log = { log_statement: "all", log_min_duration_statement: "0", log_connections: "all" };
  servers.set(host, await startServer({ folder, port, settings: { listen_addresses: host, ...log } }));
}

const authorityOf = (changes: { limits?: { lockMs?: number; idleMs?: number; connectMs?: number } } = {}) =>
  postgresAuthority(settings, {
    manager: async () => managers,
    random: randomBytes,
    limits: { lockMs: 1000, ...changes.limits },
  });

const asSuperuser = <T>(host: string, use: (session: Client) => Promise<T>) =>
  withSession({ host, port, ...serverOn(host).superuser, database: SETTINGS.dbname }, use);
const asUser = <T>(login: Login, use: (session: Client) => Promise<T>) =>
  withSession({ port, ...login, database: SETTINGS.dbname }, use);

/** What replication would bring: who may log in, and by what. */
async function catchUp(): Promise<void> {
  const kept = await asSuperuser(WRITER, (session) =>
    session.query("SELECT rolname, rolcanlogin, rolpassword FROM pg_authid WHERE rolname = ANY($1)", [SETTINGS.users]),
  );
  await asSuperuser(READER, async (session) => {
    for (const { rolname, rolcanlogin, rolpassword } of kept.rows) {
      const password = rolpassword === null ? "NULL" : session.escapeLiteral(rolpassword);
      const user = session.escapeIdentifier(rolname);
      await session.query(`ALTER ROLE ${user} ${rolcanlogin ? "LOGIN" : "NOLOGIN"} PASSWORD ${password}`);
    }
  });
}

onPostgres("PostgreSQL", () => {
  beforeAll(async () => {
    folders = [serverFolder(), serverFolder()];
    port = await lastingPort();
    for (const host of [WRITER, READER]) {
      await start(host);
      await prepare(serverOn(host), SETTINGS, host);
    }
    settings = { ...SETTINGS, hosts: [WRITER, READER], port };
  });
  afterAll(async () => {
    await Promise.all([...servers.values()].map((server) => server.remove()));
    for (const folder of folders) folder.remove();
  });

  describe("as every authority", () => {
    authoritySuite(() => ({
      authority: authorityOf(),
      settings,
      catchUp,
      connect: async (host, login, application) => {
        const session = await connect({ host, port, ...login, database: SETTINGS.dbname, application });
        return {
          works: async () => (await session.query("SELECT 1 AS one")).rows[0].one === 1,
          end: () => session.end(),
        };
      },
      away: (host, isAway) => (isAway ? serverOn(host).stop() : start(host)),
      refuseManager: async (isRefused) => {
        managers = isRefused ? { ...MANAGER, password: "a former one" } : MANAGER;
      },
    }));
  });

  describe("by itself", () => {
    const a: Login = { user: A, password: `marked-${randomBytes(16).toString("hex")}` };
    const b: Login = { user: B, password: `marked-${randomBytes(16).toString("hex")}` };
    beforeAll(async () => {
      for (const login of [a, b]) await authorityOf().honour(login, yes);
      await catchUp();
    });

    test("it says by its own code why a login is refused", async () => {
      const wordsOf = async (login: Login) =>
        (await authorityOf().accepts(login)).map((answer) => "words" in answer && answer.words);
      expect((await wordsOf({ ...a, password: "another" }))[0]).toMatch(/^password authentication failed .*\(28P01\)$/);
      await authorityOf().refuse(A, "LOGIN", yes);
      expect((await wordsOf(a))[0]).toMatch(/is not permitted to log in \(28000\)$/);
      await authorityOf().honour(a, yes);
    });

    test("what one user makes the other can use, change and drop", async () => {
      await asUser(a, (session) => session.query("CREATE TABLE made_by_a (n int); INSERT INTO made_by_a VALUES (1)"));
      await asUser(b, async (session) => {
        expect((await session.query("SELECT n FROM made_by_a")).rows).toEqual([{ n: 1 }]);
        await session.query("ALTER TABLE made_by_a ADD COLUMN m int; DROP TABLE made_by_a");
      });
    });

    test("no user can change a password as he comes in, nor make a role", async () => {
      const denied = { code: "42501" };
      await asUser(a, async (session) => {
        for (const user of [A, B, MANAGER.user]) {
          const statement = `ALTER ROLE ${session.escapeIdentifier(user)} PASSWORD 'x'`;
          await expect(session.query(statement)).rejects.toMatchObject(denied);
        }
        await expect(session.query("CREATE ROLE another")).rejects.toMatchObject(denied);
      });
    });

    test("a user who lays the owner down is himself, and may change his own password: PostgreSQL keeps nobody from that", async () => {
      await asUser(a, async (session) => {
        await session.query("SET ROLE NONE");
        const other = `ALTER ROLE ${session.escapeIdentifier(B)} PASSWORD 'x'`;
        await expect(session.query(other)).rejects.toMatchObject({ code: "42501" });
        await session.query(`ALTER ROLE ${session.escapeIdentifier(A)} PASSWORD 'x'`);
      });
      expect((await authorityOf().accepts(a))[0]).toMatchObject({ says: "REFUSED" });
      await authorityOf().honour(a, yes);
    });

    test("the manager is no superuser, reads nothing of the owner's, and alters nobody else", async () => {
      await asUser(a, (session) => session.query("CREATE TABLE private (n int)"));
      await asUser(MANAGER, async (session) => {
        const denied = { code: "42501" };
        expect((await session.query("SHOW is_superuser")).rows).toEqual([{ is_superuser: "off" }]);
        await expect(session.query("SELECT * FROM private")).rejects.toMatchObject(denied);
        await expect(session.query(`SET ROLE ${session.escapeIdentifier(SETTINGS.owner)}`)).rejects.toMatchObject(
          denied,
        );
        await expect(session.query("ALTER ROLE postgres PASSWORD 'x'")).rejects.toMatchObject(denied);
      });
      await asUser(a, (session) => session.query("DROP TABLE private"));
    });

    test("whoever owns the database cannot slip functions of his own in for the manager to call", async () => {
      const [owner, database] = [SETTINGS.owner, SETTINGS.dbname].map((name) => `"${name.replaceAll('"', '""')}"`);
      await asSuperuser(WRITER, (session) => session.query(`ALTER DATABASE ${database} OWNER TO ${owner}`));
      const trap = "RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$";
      await asUser(a, async (session) => {
        await session.query(`CREATE FUNCTION pg_advisory_xact_lock(bigint) ${trap}`);
        await session.query("CREATE VIEW pg_stat_activity AS SELECT 1 AS nothing");
        await session.query(`ALTER DATABASE ${database} SET search_path = public, pg_catalog`);
      });
      await asUser(MANAGER, (session) =>
        expect(session.query("SELECT pg_advisory_xact_lock(1)")).rejects.toThrow("trapped"),
      );
      expect(await authorityOf().honour(a, yes)).toBe(true);
      expect(await authorityOf().usesOf([B])).toEqual([]);
      await prepareAgain();
      await asUser(a, (session) => session.query(`ALTER DATABASE ${database} RESET search_path`));
      await asUser(a, (session) => session.query("DROP VIEW public.pg_stat_activity"));
      await asUser(a, (session) => session.query("DROP FUNCTION public.pg_advisory_xact_lock(bigint)"));
    });

    test("a login that acts as somebody else is seen, with the server's release", async () => {
      await asSuperuser(WRITER, (session) => session.query(`ALTER ROLE ${session.escapeIdentifier(A)} RESET role`));
      const [onWriter, onReader] = await authorityOf().actsAs(a);
      expect(onWriter).toEqual({ host: WRITER, asOwner: false, fresh: A, afterDiscard: A, release: "18.4" });
      expect(onReader).toMatchObject({ asOwner: true });
      await prepareAgain();
      expect((await authorityOf().actsAs(a))[0]).toMatchObject({ asOwner: true });
    });

    test("a manager who may not see whose sessions there are says so, and does not take them for none", async () => {
      const name = (session: Client) => session.escapeIdentifier(MANAGER.user);
      await asSuperuser(WRITER, (session) => session.query(`REVOKE pg_read_all_stats FROM ${name(session)}`));
      const session = await connect({ port, ...a, database: SETTINGS.dbname });
      const error = { name: "AuthorityUnwilling", message: expect.stringContaining("pg_read_all_stats") };
      await expect(authorityOf().usesOf([A])).rejects.toMatchObject(error);
      await session.end();
      await prepareAgain();
      await expect.poll(() => authorityOf().usesOf([A])).toEqual([]);
    });

    test("a manager who may not alter a user says so", async () => {
      const names = (session: Client) => [A, MANAGER.user].map(session.escapeIdentifier);
      await asSuperuser(WRITER, (session) => session.query(`REVOKE ${names(session).join(" FROM ")}`));
      const error = { name: "AuthorityUnwilling", message: expect.stringContaining("42501") };
      await expect(authorityOf().honour({ ...a, password: "another" }, yes)).rejects.toMatchObject(error);
      await prepareAgain();
      expect((await authorityOf().accepts(a))[0]).toMatchObject({ says: "ACCEPTED" });
    });

    test.each([
      ["cut", { idleMs: 30_000 }, () => asSuperuser(WRITER, cutTheManager)],
      ["held up for longer than the database waits", { idleMs: 300 }, () => asSuperuser(WRITER, untilTheManagerIsGone)],
    ])(
      "a call that is %s between its lock and its change changes nothing, and holds the lock no longer",
      async (_, limits, meanwhile) => {
        const authority = authorityOf({ limits });
        const heldUp = authority.honour({ ...a, password: "another" }, async () => {
          await meanwhile();
          return true;
        });
        await expect(heldUp).rejects.toMatchObject({ name: "AuthorityUnreachable" });
        expect((await authority.accepts(a))[0]).toMatchObject({ says: "ACCEPTED" });
        expect(await authority.honour(a, yes)).toBe(true);
      },
    );

    test("a manager who is named anew is asked for at each call", async () => {
      let asked = 0;
      const manager = async () => {
        asked += 1;
        return MANAGER;
      };
      const authority = postgresAuthority(settings, { manager, random: randomBytes });
      for (const password of ["one", a.password]) await authority.honour({ user: A, password }, yes);
      expect(asked).toBe(2);
    });

    test("two credentials of one database do not wait for each other", async () => {
      const other = postgresAuthority(
        { ...settings, credential: "another/database" },
        { manager: async () => MANAGER, random: randomBytes, limits: { lockMs: 1 } },
      );
      let isDone = false;
      await authorityOf().refuse(B, "LOGIN", async () => {
        isDone = await other.honour(a, yes);
        return false;
      });
      expect(isDone).toBe(true);
    });

    test("nothing of the environment says where to connect, as whom, or by what", async () => {
      const hostile = {
        PGHOST: "203.0.113.1",
        PGUSER: "postgres",
        PGDATABASE: "postgres",
        PGOPTIONS: "-c role=postgres",
      };
      const former = { ...process.env };
      Object.assign(process.env, hostile, {
        PGPASSWORD: a.password,
        PGSSLMODE: "require",
        PGPORT: "1",
        PGSSLNEGOTIATION: "direct",
      });
      try {
        const answers = await authorityOf().accepts({ ...a, password: "" });
        expect(answers.map(({ says }) => says)).toEqual(["REFUSED", "REFUSED"]);
        expect((await authorityOf().actsAs(a))[0]).toMatchObject({ asOwner: true });
      } finally {
        for (const name of Object.keys(process.env).filter((one) => one.startsWith("PG"))) delete process.env[name];
        Object.assign(process.env, former);
      }
    });

    test("no password stands in the log of a server that logs every statement", async () => {
      const authority = authorityOf();
      await authority.accepts({ ...a, password: `${a.password}-wrong` });
      await authority.actsAs(a);
      for (const login of [a, b]) await authority.honour(login, yes);
      await authority.refuse(B, "PASSWORD", yes);
      for (const host of [WRITER, READER]) {
        const { log } = serverOn(host);
        expect(existsSync(log)).toBe(true);
        const text = readFileSync(log, "utf8");
        expect(text).toContain("DISCARD ALL");
        if (host === WRITER) expect(text).toMatch(/ALTER ROLE .* LOGIN PASSWORD 'SCRAM-SHA-256\$4096:/);
        for (const password of [a.password, b.password, MANAGER.password]) expect(text).not.toContain(password);
      }
    });
  });
});

async function prepareAgain(): Promise<void> {
  const sql = preparationSql({ ...SETTINGS, manager: { user: MANAGER.user } });
  await asSuperuser(WRITER, (session) => session.query(sql));
}

async function cutTheManager(session: Client): Promise<void> {
  await session.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [MANAGER.user]);
  await untilTheManagerIsGone(session);
}

async function untilTheManagerIsGone(session: Client): Promise<void> {
  const count = async () =>
    (await session.query("SELECT FROM pg_stat_activity WHERE usename = $1", [MANAGER.user])).rowCount;
  await expect.poll(count).toBe(0);
}
