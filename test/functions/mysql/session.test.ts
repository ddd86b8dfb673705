import { randomBytes } from "node:crypto";
import { chownSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysqlAuthority } from "../../../functions/clients/authority.mysql.ts";
import type { AuthoritySettings } from "../../../functions/clients/authority.ts";
import { lastingPort } from "../../../local/port.ts";
import { NOBODY } from "../../../local/postgres/home.ts";
import { type Certified, certify } from "../postgres/certificates.ts";
import { serverFolder } from "../postgres/under-test.ts";
import { MANAGER, type MariadbServer, onMariadb, prepareMariadb, startMariadb } from "./under-test.ts";

const HOUR_MS = 3_600_000;
const LOGIN = { user: "orders_a", password: "the marked password of orders_a" };
const SETTINGS = { credential: "orders", dbname: "orders", owner: "orders", users: ["orders_a", "orders_b"] };

function authorityAt(port: number, changes: Partial<AuthoritySettings> = {}) {
  return mysqlAuthority(
    { ...SETTINGS, hosts: ["127.0.0.1"], port, ...changes },
    { manager: async () => MANAGER, random: randomBytes, limits: { connectMs: 500 } },
  );
}

/** A packet of the protocol: its length, its number, what is in it. */
function packet(number: number, content: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(content.length, 0, 3);
  head[3] = number;
  return Buffer.concat([head, content]);
}

/** A server's first words, in which it asks by this plugin and can, or cannot, encrypt. */
function greeting(plugin: string, encrypts = false): Buffer {
  // Its capabilities: protocol 4.1, plugins, secure connection, connection with a database, attributes.
  const capabilities = 0x0018_8208 | (encrypts ? 0x800 : 0);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(capabilities);
  return packet(
    0,
    Buffer.concat([
      Buffer.from([10]),
      Buffer.from("8.0.39\0"),
      Buffer.alloc(4, 1),
      Buffer.alloc(8, 2),
      Buffer.from([0]),
      flags.subarray(0, 2),
      Buffer.from([45, 2, 0]),
      flags.subarray(2),
      Buffer.from([21]),
      Buffer.alloc(10),
      Buffer.alloc(12, 3),
      Buffer.from([0]),
      Buffer.from(`${plugin}\0`),
    ]),
  );
}

describe("a server that is none", () => {
  /** Greets, listens, and notes all that it hears. */
  async function listening(greets: Buffer | undefined, answer: (socket: Socket) => void = () => undefined) {
    const heard: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      if (greets !== undefined) socket.write(greets);
      socket.on("data", (data) => {
        heard.push(data);
        answer(socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      port: (server.address() as AddressInfo).port,
      heard: () => Buffer.concat(heard).toString("latin1"),
      [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
    };
  }

  test("is not given the password when it asks for it in the clear", async () => {
    const asks = packet(2, Buffer.from("\xfemysql_clear_password\0", "latin1"));
    await using server = await listening(greeting("mysql_native_password"), (socket) => socket.write(asks));
    const [answer] = await authorityAt(server.port).accepts(LOGIN);
    expect(answer).toMatchObject({ says: "UNREACHABLE", words: expect.stringContaining("mysql_clear_password") });
    expect(server.heard()).toContain(LOGIN.user);
    expect(server.heard()).not.toContain("marked");
  });

  test("is not waited for when it says nothing", async () => {
    await using server = await listening(undefined);
    const [answer] = await authorityAt(server.port).accepts(LOGIN);
    expect(answer).toEqual({ host: "127.0.0.1", says: "UNREACHABLE", words: "it does not answer" });
  });

  test("is told nothing when it cannot encrypt and is to", async () => {
    await using server = await listening(greeting("mysql_native_password"));
    const tls = { ca: certify("authority", { until: Date.now() + HOUR_MS }).pem, name: "db.example" };
    const [answer] = await authorityAt(server.port, { tls }).accepts(LOGIN);
    expect(answer).toMatchObject({ says: "UNREACHABLE", words: expect.stringContaining("does not encrypt") });
    expect(server.heard()).not.toContain(LOGIN.user);
  });

  test("is told nothing by an address where it is to prove who it is", async () => {
    await using server = await listening(greeting("mysql_native_password", true));
    const tls = { ca: certify("authority", { until: Date.now() + HOUR_MS }).pem };
    const [answer] = await authorityAt(server.port, { tls }).accepts(LOGIN);
    expect(answer).toMatchObject({ says: "UNREACHABLE", words: expect.stringContaining("set tlsName") });
    expect(server.heard()).toBe("");
  });

  test("is none where nobody listens", async () => {
    const server = await listening(undefined);
    await server[Symbol.asyncDispose]();
    const [answer] = await authorityAt(server.port).accepts(LOGIN);
    expect(answer).toMatchObject({ says: "UNREACHABLE", words: expect.stringContaining("ECONNREFUSED") });
  });
});

onMariadb("MariaDB with TLS", () => {
  const { folder, remove } = serverFolder();
  const now = Date.now();
  const ca = certify("the authority", { until: now + HOUR_MS });
  let server: MariadbServer | undefined;
  let port = 0;

  /** Starts it with a certificate. */
  async function startAs({ pem, keyPem }: Certified): Promise<void> {
    await server?.stop();
    const files = { "server.crt": pem, "server.key": keyPem };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      if (process.getuid?.() === 0) chownSync(join(folder, name), NOBODY, NOBODY);
    }
    const settings = [`ssl-cert=${join(folder, "server.crt")}`, `ssl-key=${join(folder, "server.key")}`];
    server = await startMariadb({ folder, host: "127.0.0.1", port, settings });
  }
  const right = certify("right", { by: ca, dnsNames: ["db.example"], until: now + HOUR_MS });
  const tls = { ca: ca.pem, name: "db.example" };

  beforeAll(async () => {
    port = await lastingPort();
    await startAs(right);
    await prepareMariadb(SETTINGS, { host: "127.0.0.1", port });
    await authorityAt(port, { tls }).honour(LOGIN, async () => true);
  });
  afterAll(async () => {
    await server?.stop();
    remove();
  });

  test("is asked by whoever trusts its certificate, under the name that was set", async () => {
    expect(await authorityAt(port, { tls }).accepts(LOGIN)).toEqual([{ host: "127.0.0.1", says: "ACCEPTED" }]);
    expect(await authorityAt(port, { tls }).usesOf(SETTINGS.users)).toEqual([]);
  });

  test.each<[string, () => Certified, Partial<typeof tls>, RegExp]>([
    ["names another host", () => right, { name: "other.example" }, /is another's: it does not name other\.example$/],
    [
      "has ended",
      () => certify("late", { by: ca, dnsNames: ["db.example"], until: now - 1000 }),
      {},
      /is not valid at this time \(CERT_HAS_EXPIRED\)$/,
    ],
    [
      "is vouched for by somebody else",
      () => right,
      { ca: certify("the authority", { until: now + HOUR_MS }).pem },
      /certificate/,
    ],
    [
      "is vouched for by nobody",
      () => certify("db.example", { dnsNames: ["db.example"], until: now + HOUR_MS }),
      {},
      /nobody who is trusted/,
    ],
  ])("is told nothing where its certificate %s", async (_, certificate, changes, words) => {
    await startAs(certificate());
    const asked = authorityAt(port, { tls: { ...tls, ...changes } });
    expect(await asked.accepts(LOGIN)).toEqual([
      { host: "127.0.0.1", says: "UNREACHABLE", words: expect.stringMatching(words) },
    ]);
    await expect(asked.refuse("orders_a", "PASSWORD", async () => true)).rejects.toMatchObject({
      name: "AuthorityUnreachable",
      message: expect.stringMatching(words),
    });
    await startAs(right);
    expect((await authorityAt(port, { tls }).accepts(LOGIN))[0]).toMatchObject({ says: "ACCEPTED" });
  });
});
