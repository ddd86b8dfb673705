import { expect, test } from "vitest";
import { mysql } from "../../../consumer/example/database.mysql.ts";
import { isRefusedByMysql } from "../../../consumer/refusals.ts";
import { literal } from "../../../functions/mysql/quoting.ts";
import { lastingPort } from "../../../local/port.ts";
import { type Ask, onMariadb, ROOT, startMariadb, withSession } from "../../functions/mysql/under-test.ts";
import { serverFolder } from "../../functions/postgres/under-test.ts";
import { allOf, holdsMark, MARK } from "../marked.ts";
import { databaseSuite } from "./database.suite.ts";
import { PostgresWire } from "./postgres-wire.ts";

onMariadb("MariaDB", () => {
  databaseSuite(async () => {
    const { folder, remove } = serverFolder();
    const port = await lastingPort();
    const server = await startMariadb({ folder, host: "127.0.0.1", port });
    const administer = <T>(use: (ask: Ask) => Promise<T>) => withSession({ port, ...ROOT }, use);
    await administer(async (ask) => {
      await ask("CREATE DATABASE orders");
      // What its clients call themselves is kept while they are there: the server notes it of who logs in.
      await ask("CREATE TABLE orders.seen (name VARCHAR(64))");
      await ask(
        `SET GLOBAL init_connect = ${literal(
          "INSERT INTO orders.seen SELECT attr_value FROM performance_schema.session_account_connect_attrs WHERE attr_name = 'program_name' AND processlist_id = CONNECTION_ID()",
        )}`,
      );
    });
    return {
      database: mysql,
      at: { host: "127.0.0.1", port, database: "orders", tls: "none" },
      says: {
        wrong: { errno: 1045, message: expect.stringContaining("Access denied for user 'orders_a'") },
        shut: { errno: 4151, message: "Access denied, this account is locked" },
      },
      isRefusal: isRefusedByMysql,
      setPassword: (user, password) =>
        administer(async (ask) => {
          await ask(`CREATE OR REPLACE USER ${user} IDENTIFIED BY '${password}'`);
          await ask(`GRANT ALL ON orders.* TO ${user}`);
        }),
      shut: (user) => administer(async (ask) => void (await ask(`ALTER USER ${user} ACCOUNT LOCK`))),
      applications: async () =>
        (await administer((ask) => ask("SELECT name FROM orders.seen"))).map(({ name }) => name),
      goAway: () => server.stop(),
      async close() {
        await server.stop();
        remove();
      },
    };
  });
});

test("to an address nothing is said where a certificate is wanted", async () => {
  const at = { host: "127.0.0.1", port: 1, database: "orders", tls: "verify-full" as const };
  const asked = mysql.ask({ ...at, user: "orders_a", password: MARK, application: "web-1" });
  await expect(asked).rejects.toThrow("verify-full wants a host's name");
});

test("a server that speaks something else is given no password", async () => {
  const server = new PostgresWire();
  await server.start();
  const at = { host: "localhost", port: server.port, database: "orders", tls: "verify-full" as const };
  const asked = mysql.ask({ ...at, user: "orders_a", password: MARK, application: "web-1" });
  const error = await asked.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "ETIMEDOUT" });
  expect(server.logins).toEqual([]);
  expect(holdsMark(allOf(error))).toBe(false);
  await server.close();
});
