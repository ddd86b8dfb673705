import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysqlAuthority } from "../../../functions/clients/authority.mysql.ts";
import type { AuthoritySettings, Login } from "../../../functions/clients/authority.ts";
import { account, literal, quoted } from "../../../functions/mysql/quoting.ts";
import { lastingPort } from "../../../local/port.ts";
import {
  type Ask,
  connectTo,
  MANAGER,
  type MariadbServer,
  onMariadb,
  prepareMariadb,
  ROOT,
  startMariadb,
  withSession,
} from "../mysql/under-test.ts";
import { serverFolder } from "../postgres/under-test.ts";
import { authoritySuite, SETTINGS } from "./authority.suite.ts";

// The suite that the fake passes, over MariaDB: two servers, of which one takes over what the other knows when it is told to.
// And what only a real one can show.

const WRITER = "127.0.0.1";
/** Another address of this machine, so that two servers have one port. */
const READER = "127.0.0.2";
const [A, B] = SETTINGS.users;
const yes = async () => true;

const folders = [serverFolder(), serverFolder()];
const servers = new Map<string, MariadbServer>();
let port = 0;
let settings: AuthoritySettings;
let managers = MANAGER;

async function start(host: string): Promise<void> {
  const { folder = "" } = folders[host === WRITER ? 0 : 1] ?? {};
  servers.set(host, await startMariadb({ folder, host, port }));
}

const authorityOf = ({ limits = {}, credential = SETTINGS.credential as string } = {}) =>
  mysqlAuthority(
    { ...settings, credential },
    { manager: async () => managers, random: randomBytes, limits: { lockMs: 1000, ...limits } },
  );

const asRoot = <T>(host: string, use: (ask: Ask) => Promise<T>) => withSession({ host, port, ...ROOT }, use);
const asUser = <T>(login: Login, use: (ask: Ask) => Promise<T>) =>
  withSession({ port, ...login, database: SETTINGS.dbname }, use);
const prepareAgain = () => prepareMariadb(SETTINGS, { host: WRITER, port });

/** What replication would bring: who may log in, and by what. */
async function catchUp(): Promise<void> {
  const names = SETTINGS.users.map(literal).join(", ");
  const kept = await asRoot(WRITER, (ask) =>
    ask(`SELECT User AS user, HEX(Priv) AS priv FROM mysql.global_priv WHERE User IN (${names})`),
  );
  await asRoot(READER, async (ask) => {
    for (const { user, priv } of kept) {
      await ask(`UPDATE mysql.global_priv SET Priv = CONVERT(X'${priv}' USING utf8mb4) WHERE User = ${literal(user)}`);
    }
    await ask("FLUSH PRIVILEGES");
  });
}

onMariadb("MariaDB", () => {
  beforeAll(async () => {
    port = await lastingPort();
    for (const host of [WRITER, READER]) {
      await start(host);
      await prepareMariadb(SETTINGS, { host, port });
    }
    settings = { ...SETTINGS, hosts: [WRITER, READER], port };
  });
  afterAll(async () => {
    await Promise.all([...servers.values()].map((server) => server.stop()));
    for (const folder of folders) folder.remove();
  });

  describe("as every authority", () => {
    authoritySuite(() => ({
      authority: authorityOf(),
      settings,
      catchUp,
      connect: async (host, login, application) => {
        const session = await connectTo({ host, port, ...login, database: SETTINGS.dbname, application });
        return {
          works: async () => JSON.stringify((await session.query("SELECT 1 AS one"))[0]) === '[{"one":1}]',
          end: () => session.end(),
        };
      },
      away: async (host, isAway) => (isAway ? servers.get(host)?.stop() : start(host)),
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

    test("it says by its own number why a login is refused", async () => {
      const wordsOf = async (login: Login) =>
        (await authorityOf().accepts(login)).map((answer) => "words" in answer && answer.words);
      expect((await wordsOf({ ...a, password: "another" }))[0]).toMatch(/^Access denied for user .*\(1045\)$/);
      await authorityOf().refuse(A, "LOGIN", yes);
      expect((await wordsOf(a))[0]).toMatch(/this account is locked \(4151\)$/);
      await authorityOf().honour(a, yes);
    });

    test("one command undoes the first stroke", async () => {
      await authorityOf().refuse(A, "LOGIN", yes);
      await asRoot(WRITER, (ask) => ask(`ALTER USER ${account(A)} ACCOUNT UNLOCK`));
      expect((await authorityOf().accepts(a))[0]).toMatchObject({ says: "ACCEPTED" });
    });

    test("after the second stroke, unlocking alone lets nobody in", async () => {
      await authorityOf().refuse(A, "PASSWORD", yes);
      await asRoot(WRITER, (ask) => ask(`ALTER USER ${account(A)} ACCOUNT UNLOCK`));
      expect((await authorityOf().accepts(a))[0]).toMatchObject({ says: "REFUSED" });
      await expect(asUser({ ...a, password: "" }, (ask) => ask("SELECT 1"))).rejects.toMatchObject({ errno: 1045 });
      await authorityOf().honour(a, yes);
    });

    test("what one user makes the other can use and drop, views and procedures too, also when he is shut", async () => {
      await asUser(a, async (ask) => {
        for (const statement of [
          "CREATE TABLE made_by_a (n int)",
          "INSERT INTO made_by_a VALUES (1)",
          "CREATE VIEW seen_by_a AS SELECT n FROM made_by_a",
          "CREATE PROCEDURE told_by_a() SELECT n FROM made_by_a",
        ]) {
          await ask(statement);
        }
      });
      await authorityOf().refuse(A, "PASSWORD", yes);
      await asUser(b, async (ask) => {
        expect(await ask("SELECT n FROM seen_by_a")).toEqual([{ n: 1 }]);
        expect((await ask("CALL told_by_a()"))[0]).toEqual([{ n: 1 }]);
        await ask("ALTER TABLE made_by_a ADD COLUMN m int");
        for (const what of ["TABLE made_by_a", "VIEW seen_by_a", "PROCEDURE told_by_a"]) await ask(`DROP ${what}`);
      });
      await authorityOf().honour(a, yes);
    });

    test("no user can change another's password, make a user, or alter what the manager calls", async () => {
      await asUser(a, async (ask) => {
        for (const statement of [
          ...[B, MANAGER.user, ROOT.user].map((user) => `ALTER USER ${account(user)} IDENTIFIED BY 'x'`),
          "CREATE USER another",
          `CALL keyturn.${quoted(`alter ${B}`)}(NULL, TRUE)`,
          `DROP PROCEDURE keyturn.${quoted(`alter ${A}`)}`,
        ]) {
          await expect(ask(statement), statement).rejects.toMatchObject({ errno: expect.toBeOneOf([1227, 1370]) });
        }
      });
    });

    test("the manager alters these two alone, and by a verifier alone, and reads nothing", async () => {
      await asUser(a, (ask) => ask("CREATE TABLE private (n int)"));
      await withSession({ port, ...MANAGER }, async (ask) => {
        for (const statement of [
          `ALTER USER ${account(ROOT.user)} IDENTIFIED BY 'x'`,
          `ALTER USER ${account(A)} IDENTIFIED BY 'x'`,
          `SELECT * FROM ${quoted(SETTINGS.dbname)}.private`,
          `SET ROLE ${quoted(SETTINGS.owner)}`,
          "CREATE USER another",
          "SELECT * FROM mysql.global_priv",
        ]) {
          await expect(ask(statement), statement).rejects.toMatchObject({
            errno: expect.toBeOneOf([1142, 1227, 1959]),
          });
        }
        const injected = `CALL keyturn.${quoted(`alter ${A}`)}(${literal("'; DROP USER root; --")}, TRUE)`;
        await expect(ask(injected)).rejects.toMatchObject({ sqlMessage: "this is no verifier" });
      });
      await asUser(a, (ask) => ask("DROP TABLE private"));
      expect((await authorityOf().accepts(a))[0]).toMatchObject({ says: "ACCEPTED" });
    });

    test("a login that acts as somebody else is seen, with the server's release", async () => {
      await asRoot(WRITER, (ask) => ask(`SET DEFAULT ROLE NONE FOR ${account(A)}`));
      const [onWriter, onReader] = await authorityOf().actsAs(a);
      expect(onWriter).toMatchObject({ host: WRITER, asOwner: false, fresh: A, afterDiscard: A });
      expect(onReader).toMatchObject({ asOwner: true });
      await prepareAgain();
      expect((await authorityOf().actsAs(a))[0]).toMatchObject({ asOwner: true });
    });

    test("a manager who may not see whose sessions there are says so, and does not take them for none", async () => {
      await asRoot(WRITER, (ask) => ask(`REVOKE PROCESS ON *.* FROM ${account(MANAGER.user)}`));
      const error = { name: "AuthorityUnwilling", message: expect.stringContaining("grant him PROCESS") };
      await expect(authorityOf().usesOf([A])).rejects.toMatchObject(error);
      await prepareAgain();
      expect(await authorityOf().usesOf([A])).toEqual([]);
    });

    test("a manager who may not alter a user says so", async () => {
      const revoke = `REVOKE EXECUTE ON PROCEDURE keyturn.${quoted(`alter ${A}`)} FROM ${account(MANAGER.user)}`;
      await asRoot(WRITER, (ask) => ask(revoke));
      const error = { name: "AuthorityUnwilling", message: expect.stringContaining("(1370)") };
      await expect(authorityOf().honour({ ...a, password: "another" }, yes)).rejects.toMatchObject(error);
      await prepareAgain();
      expect((await authorityOf().accepts(a))[0]).toMatchObject({ says: "ACCEPTED" });
    });

    test("a server that is a reader now is one to try again", async () => {
      await asRoot(WRITER, (ask) => ask("SET GLOBAL read_only = ON"));
      try {
        const error = { name: "AuthorityUnreachable", message: expect.stringContaining("is a reader now") };
        await expect(authorityOf().honour({ ...a, password: "another" }, yes)).rejects.toMatchObject(error);
      } finally {
        await asRoot(WRITER, (ask) => ask("SET GLOBAL read_only = OFF"));
      }
      expect((await authorityOf().accepts(a))[0]).toMatchObject({ says: "ACCEPTED" });
    });

    test.each([
      ["cut", { idleMs: 30_000 }, () => asRoot(WRITER, cutTheManager)],
      ["held up for longer than the database waits", { idleMs: 1 }, () => asRoot(WRITER, untilTheManagerIsGone)],
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

    test("two credentials of one server do not wait for each other", async () => {
      const other = authorityOf({ credential: "another/database", limits: { lockMs: 1 } });
      let isDone = false;
      await authorityOf().refuse(B, "LOGIN", async () => {
        isDone = await other.honour(a, yes);
        return false;
      });
      expect(isDone).toBe(true);
    });

    test("a session that says nothing of itself is seen all the same", async () => {
      const silent = await connectTo({ port, ...a, database: SETTINGS.dbname, application: "" });
      expect(await authorityOf().usesOf([A])).toMatchObject([{ application: "", address: "127.0.0.1" }]);
      await silent.end();
    });

    test("no password stands in the log of a server that writes every statement down", async () => {
      const authority = authorityOf();
      await authority.accepts({ ...a, password: `${a.password}-wrong` });
      await authority.actsAs(a);
      for (const login of [a, b]) await authority.honour(login, yes);
      await authority.refuse(B, "PASSWORD", yes);
      for (const server of servers.values()) {
        const text = readFileSync(server.log, "utf8");
        expect(text).toContain("ALTER USER");
        expect(text).not.toContain("marked-");
      }
    });
  });

  async function cutTheManager(ask: Ask): Promise<void> {
    const his = await ask(`SELECT id FROM information_schema.processlist WHERE user = ${literal(MANAGER.user)}`);
    for (const { id } of his) await ask(`KILL ${id}`);
    await untilTheManagerIsGone(ask);
  }

  async function untilTheManagerIsGone(ask: Ask): Promise<void> {
    const his = `SELECT id FROM information_schema.processlist WHERE user = ${literal(MANAGER.user)}`;
    await expect.poll(() => ask(his)).toEqual([]);
  }
});
