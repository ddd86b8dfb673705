import { readFileSync } from "node:fs";
import type { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { postgres } from "../../../consumer/example/database.postgres.ts";
import { onPostgres, serverFolder, startServer, withSession } from "../../functions/postgres/under-test.ts";
import { allOf, holdsMark, MARK } from "../marked.ts";
import { databaseSuite } from "./database.suite.ts";
import { PostgresWire } from "./postgres-wire.ts";

describe("PostgreSQL's driver, over its protocol", () => {
  databaseSuite(async () => {
    const server = new PostgresWire();
    await server.start();
    return {
      database: postgres,
      at: { host: "127.0.0.1", port: server.port, database: "orders", tls: "none" },
      setPassword: (user, password) => void server.passwords.set(user, password),
      shut: (user) => void server.shut.add(user),
      applications: () => server.logins.map(({ application }) => application),
      goAway: () => server.close(),
      close: () => server.close(),
    };
  });
});

onPostgres("PostgreSQL itself", () => {
  databaseSuite(async () => {
    const { folder, remove } = serverFolder();
    const server = await startServer({ folder, settings: { log_connections: "all" } });
    const administer = (sql: (session: Client) => string) =>
      withSession(
        { port: server.port, ...server.superuser },
        async (session) => void (await session.query(sql(session))),
      );
    await administer(() => "CREATE DATABASE orders");
    const users = new Set<string>();
    return {
      database: postgres,
      at: { host: "127.0.0.1", port: server.port, database: "orders", tls: "none" },
      async setPassword(user, password) {
        const verb = users.has(user) ? "ALTER" : "CREATE";
        users.add(user);
        await administer((session) => `${verb} ROLE ${user} LOGIN PASSWORD ${session.escapeLiteral(password)}`);
      },
      shut: (user) => administer(() => `ALTER ROLE ${user} NOLOGIN`),
      applications: () =>
        Array.from(readFileSync(server.log, "utf8").matchAll(/application_name=(\S+)/g), ([, name = ""]) => name),
      goAway: () => server.stop(),
      async close() {
        await server.remove();
        remove();
      },
    };
  });
});

describe("beyond that", () => {
  let server: PostgresWire;
  beforeEach(async () => {
    server = new PostgresWire();
    await server.start();
    server.passwords.set("orders_a", MARK);
  });
  afterEach(() => server.close());

  const loginAt = (tls: "none" | "verify-full") => ({
    ...{ host: "127.0.0.1", port: server.port, database: undefined, tls },
    ...{ user: "orders_a", password: MARK, application: "web-1" },
  });

  test("a connection is closed once it was answered, and a database that is not named is called as the user", async () => {
    await postgres.ask(loginAt("none"));
    await expect.poll(() => server.parted).toBe(1);
    expect(server.logins).toEqual([{ user: "orders_a", database: "orders_a", application: "web-1" }]);
  });

  test("a server that speaks no TLS is given no password where TLS is set", async () => {
    const error = await postgres.ask(loginAt("verify-full")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: "The server does not support SSL connections" });
    expect(server.logins).toEqual([]);
    expect(holdsMark(allOf(error))).toBe(false);
  });
});
