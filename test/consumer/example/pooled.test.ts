import { afterEach, beforeEach, expect, test } from "vitest";
import { pooledPostgres } from "../../../consumer/example/database.postgres.ts";
import type { PooledDatabase } from "../../../consumer/example/database.ts";
import { isRefusedByPostgres } from "../../../consumer/refusals.ts";
import { PostgresWire } from "./postgres-wire.ts";

let server: PostgresWire;
let pool: PooledDatabase;
beforeEach(async () => {
  server = new PostgresWire();
  await server.start();
  server.passwords.set("orders_a", "of a").set("orders_b", "of b");
  pool = pooledPostgres(2);
});
afterEach(async () => {
  await pool.close();
  await server.close();
});

const ask = (user: string, password: string) =>
  pool.ask({
    ...{ host: "127.0.0.1", port: server.port, database: "orders", tls: "none", application: "pool" },
    ...{ user, password },
  });

test("a session stays open from one question to the next, and is seen by the name of the application", async () => {
  expect(await ask("orders_a", "of a")).toEqual({ user: "orders_a" });
  await ask("orders_a", "of a");
  expect(server.logins).toEqual([{ user: "orders_a", database: "orders", application: "pool" }]);
  expect(server.parted).toBe(0);
});

test("with another login new sessions are opened, and then the former ended", async () => {
  await Promise.all([ask("orders_a", "of a"), ask("orders_a", "of a"), ask("orders_a", "of a")]);
  expect(server.connections).toBe(2);
  expect(await ask("orders_b", "of b")).toEqual({ user: "orders_b" });
  await expect.poll(() => server.connections - server.parted).toBe(1);
});

test("where the other login is refused, the former sessions go on", async () => {
  await ask("orders_a", "of a");
  const error = await ask("orders_b", "wrong").catch((thrown: unknown) => thrown);
  expect(isRefusedByPostgres(error)).toBe(true);
  expect(server.parted).toBe(0);
  expect(await ask("orders_a", "of a")).toEqual({ user: "orders_a" });
  expect(server.logins).toHaveLength(2);
});

test("a session that the server ends is no failure: the next question opens another", async () => {
  await ask("orders_a", "of a");
  server.cut();
  await expect.poll(() => ask("orders_a", "of a").catch(() => undefined)).toEqual({ user: "orders_a" });
});

test("what is closed holds no session", async () => {
  await ask("orders_a", "of a");
  await pool.close();
  await expect.poll(() => server.connections - server.parted).toBe(0);
  pool = pooledPostgres(1);
});
