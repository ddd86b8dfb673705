import { randomBytes } from "node:crypto";
import { chownSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresAuthority } from "../../../functions/clients/authority.postgres.ts";
import type { AuthoritySettings, ManagerLogin } from "../../../functions/clients/authority.ts";
import { lastingPort } from "../../../local/port.ts";
import { NOBODY } from "../../../local/postgres/home.ts";
import type { PostgresServer } from "../../../local/postgres/server.ts";
import { type Certified, certify } from "./certificates.ts";
import { MANAGER, onPostgres, prepare, serverFolder, startServer } from "./under-test.ts";

const HOUR_MS = 3_600_000;
const LOGIN = { user: "orders_a", password: "the marked password of orders_a" };
const SETTINGS = { credential: "orders", dbname: "orders", owner: "orders", users: ["orders_a", "orders_b"] };

function authorityAt(port: number, changes: Partial<AuthoritySettings> = {}, manager: ManagerLogin = MANAGER) {
  return postgresAuthority(
    { ...SETTINGS, hosts: ["127.0.0.1"], port, ...changes },
    { manager: async () => manager, random: randomBytes, limits: { connectMs: 500 } },
  );
}

/** As Amazon RDS has it of who signs in by IAM: the token is what the server knows as his password. */
const BY_TOKEN: ManagerLogin = { ...MANAGER, isToken: true };

describe("a server that is none", () => {
  /** Listens, and notes all that it hears. */
  async function listening(answer: (socket: Socket, heard: Buffer) => void) {
    const heard: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (data) => {
        heard.push(data);
        answer(socket, data);
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
    // AuthenticationCleartextPassword of PostgreSQL's protocol.
    await using server = await listening((socket) => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])));
    expect(await authorityAt(server.port).accepts(LOGIN)).toEqual([
      { host: "127.0.0.1", says: "UNREACHABLE", words: expect.stringMatching(/must ask by SCRAM/) },
    ]);
    expect(server.heard()).toContain(LOGIN.user);
    expect(server.heard()).not.toContain("marked");
  });

  test("is not given a token that it asks for in the clear, as nothing is encrypted", async () => {
    await using server = await listening((socket) => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])));
    const manager = { ...BY_TOKEN, user: "boss", password: "the marked token" };
    await expect(authorityAt(server.port, {}, manager).usesOf(["orders_a"])).rejects.toMatchObject({
      name: "AuthorityUnreachable",
      message: expect.stringMatching(/a token is said to a server that has proved its name alone/),
    });
    expect(server.heard()).toContain("boss");
    expect(server.heard()).not.toContain("marked");
  });

  test("is not waited for when it says nothing", async () => {
    await using server = await listening(() => undefined);
    const [answer] = await authorityAt(server.port).accepts(LOGIN);
    expect(answer).toEqual({ host: "127.0.0.1", says: "UNREACHABLE", words: "it does not answer" });
  });

  test("is told nothing when it cannot encrypt and is to", async () => {
    await using server = await listening((socket) => socket.write("N"));
    const tls = { ca: certify("authority", { until: Date.now() + HOUR_MS }).pem };
    const [answer] = await authorityAt(server.port, { tls }).accepts(LOGIN);
    expect(answer).toMatchObject({ says: "UNREACHABLE", words: expect.stringContaining("does not encrypt") });
    expect(server.heard()).not.toContain(LOGIN.user);
  });

  test("is none where nobody listens", async () => {
    const server = await listening(() => undefined);
    await server[Symbol.asyncDispose]();
    const [answer] = await authorityAt(server.port).accepts(LOGIN);
    expect(answer).toMatchObject({ says: "UNREACHABLE", words: expect.stringContaining("ECONNREFUSED") });
  });
});

onPostgres("PostgreSQL with TLS", () => {
  const { folder, remove } = serverFolder();
  const now = Date.now();
  const ca = certify("the authority", { until: now + HOUR_MS });
  let server: PostgresServer;
  let port = 0;

  /** Starts it with a certificate, and with a rule for encrypted connections only. */
  async function startAs({ pem, keyPem }: Certified, rules: keyof typeof RULES = "strict"): Promise<void> {
    await server?.stop();
    const files = { "server.crt": pem, "server.key": keyPem, "rules.conf": RULES[rules] };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      if (process.getuid?.() === 0) chownSync(join(folder, name), NOBODY, NOBODY);
    }
    const settings = {
      ...{ ssl: "on", ssl_cert_file: join(folder, "server.crt"), ssl_key_file: join(folder, "server.key") },
      hba_file: join(folder, "rules.conf"),
    };
    server = await startServer({ folder, port, settings });
  }
  const RULES = {
    strict: "hostssl all all 127.0.0.1/32 scram-sha-256\n",
    open: "host all all 127.0.0.1/32 scram-sha-256\n",
    clear: "host all all 127.0.0.1/32 password\n",
  };
  const right = certify("right", { by: ca, dnsNames: ["db.example"], until: now + HOUR_MS });
  const tls = { ca: ca.pem, name: "db.example" };

  beforeAll(async () => {
    port = await lastingPort();
    await startAs(right, "open");
    await prepare(server, SETTINGS);
    await startAs(right);
    await authorityAt(port, { tls }).honour(LOGIN, async () => true);
  });
  afterAll(async () => {
    await server?.remove();
    remove();
  });

  test("is asked by whoever trusts its certificate, under the name that was set", async () => {
    expect(await authorityAt(port, { tls }).accepts(LOGIN)).toEqual([{ host: "127.0.0.1", says: "ACCEPTED" }]);
    expect(await authorityAt(port, { tls }).usesOf(SETTINGS.users)).toEqual([]);
  });

  test("is told a manager's token in the clear once it has proved its name, and nobody's password ever", async () => {
    await startAs(right, "clear");
    const byToken = authorityAt(port, { tls }, BY_TOKEN);
    expect(await byToken.usesOf(SETTINGS.users)).toEqual([]);
    expect(await byToken.honour(LOGIN, async () => true)).toBe(true);

    const never = { says: "UNREACHABLE", words: expect.stringMatching(/it must ask by SCRAM$/) };
    expect(await byToken.accepts(LOGIN)).toMatchObject([never]);
    await expect(byToken.actsAs(LOGIN)).rejects.toMatchObject({ name: "AuthorityUnreachable" });
    // Nor a manager's, whose password it is.
    const words = expect.stringMatching(/it must ask by SCRAM$/);
    await expect(authorityAt(port, { tls }).usesOf(SETTINGS.users)).rejects.toMatchObject({ message: words });

    await expect(authorityAt(port, {}, BY_TOKEN).usesOf(SETTINGS.users)).rejects.toMatchObject({
      name: "AuthorityUnreachable",
      message: expect.stringMatching(/a token is said to a server that has proved its name alone$/),
    });
    const stranger = { ca: certify("another", { until: now + HOUR_MS }).pem, name: "db.example" };
    await expect(authorityAt(port, { tls: stranger }, BY_TOKEN).usesOf(SETTINGS.users)).rejects.toMatchObject({
      name: "AuthorityUnreachable",
      message: expect.stringMatching(/certificate/),
    });
    await expect(authorityAt(port, { tls }, { ...BY_TOKEN, password: "ended" }).usesOf([])).rejects.toMatchObject({
      name: "ManagerRefused",
      message: expect.not.stringContaining("ended"),
    });
    await startAs(right);
    expect(await authorityAt(port, { tls }).accepts(LOGIN)).toEqual([{ host: "127.0.0.1", says: "ACCEPTED" }]);
  });

  test("a way in that it does not allow is no word about the login", async () => {
    const [answer] = await authorityAt(port).accepts(LOGIN);
    expect(answer).toMatchObject({ says: "UNREACHABLE", words: expect.stringContaining("no encryption") });
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
