import { beforeEach, expect, test } from "vitest";
import { FakeDatabase } from "../../../consumer/example/database.fake.ts";
import { fingerprints } from "../../../consumer/example/fingerprint.ts";
import { type StatusParts, statusNow } from "../../../consumer/example/status.ts";
import { followCredential } from "../../../consumer/follow.ts";
import { isRefusedByPostgres } from "../../../consumer/refusals.ts";
import { FakeSecretSource } from "../../../consumer/secret-source.fake.ts";
import { HandClock } from "../../agent/fakes/hand-clock.ts";
import { holdsMark, MARK } from "../marked.ts";

const VERSIONS = ["7d9b318d-7543-4923-813d-660b51a4553f", "424f199b-830c-408f-812e-0c21c02b31c3"] as const;
let clock: HandClock;
let source: FakeSecretSource;
let database: FakeDatabase;
let parts: StatusParts;

beforeEach(() => {
  clock = new HandClock();
  source = new FakeSecretSource();
  database = new FakeDatabase();
  database.passwords.set("user-0", `${MARK}-0`);
  put(0);
  parts = {
    credential: followCredential({
      ...{ source, clock, consumer: "web-1", isRefusal: isRefusedByPostgres, tell: () => {}, fraction: () => 0 },
    }),
    databases: { postgres: database, mysql: database },
    fingerprint: fingerprints(Buffer.alloc(32, 7)),
    settings: {
      consumer: "web-1",
      database: { host: undefined, port: undefined, name: undefined },
      tls: "verify-full",
    },
  };
});

function put(n: 0 | 1, change: object = {}): void {
  const place = { engine: "postgres", host: "db.internal", port: 5433, dbname: "orders" };
  source.put("orders/db", VERSIONS[n], { username: `user-${n}`, password: `${MARK}-${n}`, ...place, ...change });
}

/** The status, while as much time goes by as a read after a refusal may need. */
async function status() {
  const asked = statusNow(parts);
  await clock.advance(2_000);
  const answer = await asked;
  expect(holdsMark(JSON.stringify(answer))).toBe(false);
  return answer;
}

test("connected: as whom, by which version, since when", async () => {
  expect(await status()).toEqual({
    db_status: "CONNECTED",
    user: "user-0",
    version: VERSIONS[0],
    fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
    since: "2025-11-20T00:53:20.000Z",
  });
  expect(database.logins).toEqual([
    {
      ...{ host: "db.internal", port: 5433, database: "orders", tls: "verify-full" },
      ...{ user: "user-0", password: `${MARK}-0`, application: "web-1" },
    },
  ]);
});

test.each(["mysql", "mariadb"])("a secret of %s goes to what speaks MySQL, at its usual port", async (engine) => {
  const mysql = new FakeDatabase();
  mysql.passwords.set("user-0", `${MARK}-0`);
  parts.databases = { postgres: database, mysql };
  put(0, { engine, port: undefined });
  expect(await status()).toMatchObject({ db_status: "CONNECTED", user: "user-0" });
  expect([database.logins, mysql.logins]).toEqual([[], [expect.objectContaining({ port: 3306 })]]);
});

test("through a turn it stays connected, and shows the other version", async () => {
  const before = await status();
  put(1);
  database.passwords.set("user-1", `${MARK}-1`);
  database.shut.add("user-0");
  const after = await status();
  expect(after).toMatchObject({ db_status: "CONNECTED", user: "user-1", version: VERSIONS[1] });
  expect(after.fingerprint).not.toBe(before.fingerprint);
});

test("a password that the database does not know: disconnected, in its words, until that is mended", async () => {
  database.passwords.set("user-0", "another");
  expect(await status()).toMatchObject({
    db_status: "DISCONNECTED",
    error: 'password authentication failed for user "user-0"',
    user: "user-0",
    version: VERSIONS[0],
  });
  database.passwords.set("user-0", `${MARK}-0`);
  expect(await status()).toMatchObject({ db_status: "CONNECTED" });
});

test("a database that is away", async () => {
  database.away = true;
  expect(await status()).toMatchObject({
    db_status: "DISCONNECTED",
    error: "connect ECONNREFUSED db.internal:5433",
    version: VERSIONS[0],
  });
});

test("a secret that cannot be read: nothing is said of a version", async () => {
  source.refusal = "AccessDeniedException";
  expect(await status()).toEqual({
    db_status: "DISCONNECTED",
    error: "The secret could not be read: AccessDeniedException",
  });
});

test("where the application knows its database, the secret does not say where the password goes", async () => {
  parts.settings = { ...parts.settings, database: { host: "db.mine", port: 5432, name: "mine" } };
  put(0, { host: "db.thief", port: 6666, dbname: "theirs" });
  await status();
  expect(database.logins).toMatchObject([{ host: "db.mine", port: 5432, database: "mine" }]);
});

test.each<[string, object, Partial<StatusParts["settings"]>, string]>([
  ["another engine", { engine: "oracle" }, {}, "The secret orders/db is for none of PostgreSQL, MySQL and MariaDB"],
  ["no host", { host: undefined }, {}, "Neither the secret orders/db nor EXAMPLE_DATABASE_HOST"],
  ["no TLS on the way to another machine", {}, { tls: "none" }, "EXAMPLE_DATABASE_TLS is none"],
  [
    "no TLS on the way to what only looks like this one",
    { host: "127.0.0.1.thief.net" },
    { tls: "none" },
    "on this machine only",
  ],
])("%s: no password is sent", async (_, secret, settings, words) => {
  put(0, secret);
  parts.settings = { ...parts.settings, ...settings };
  expect(await status()).toMatchObject({ db_status: "DISCONNECTED", error: expect.stringContaining(words) });
  expect(database.logins).toEqual([]);
});

test.each(["127.0.0.1", "127.8.9.1", "localhost", "::1"])("without TLS to %s, which is here", async (host) => {
  put(0, { host });
  parts.settings = { ...parts.settings, tls: "none" };
  expect(await status()).toMatchObject({ db_status: "CONNECTED" });
});

test("words that repeat the password are not told, nor is what stands in lines after the first", async () => {
  const error = (message: string) => Promise.reject(Object.assign(new Error(message), { code: "XX000" }));
  parts.databases = { ...parts.databases, postgres: { ask: ({ password }) => error(`what is ${password}?`) } };
  expect(await status()).toMatchObject({ error: "the database's words hold the password" });
  parts.databases = {
    ...parts.databases,
    postgres: { ask: ({ password }) => error(`what is that?\nPASSWORD '${password}'`) },
  };
  expect(await status()).toMatchObject({ error: "what is that?" });
});

test("a fingerprint compares within one process, and is another one in the next", () => {
  const [here, there] = [fingerprints(), fingerprints()];
  expect(here("a")).toBe(here("a"));
  expect(here("a")).not.toBe(here("b"));
  expect(here("a")).not.toBe(there("a"));
});
