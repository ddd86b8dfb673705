import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { postgres } from "../../../consumer/example/database.postgres.ts";
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
