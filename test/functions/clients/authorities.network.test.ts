import { randomBytes, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type EmbeddedAws, startAws } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { networkAuthorities } from "../../../functions/clients/authorities.network.ts";
import { rdsCertificates } from "../../../functions/clients/rds-certificates.ts";
import { preparationSql } from "../../../functions/postgres/preparation.ts";
import type { TokenFor } from "../../../functions/postgres/rds-token.ts";
import { scramVerifier } from "../../../functions/postgres/scram-verifier.ts";
import type { DatabaseCredential } from "../../../functions/shared/credential-settings.ts";
import type { PostgresServer } from "../../../local/postgres/server.ts";
import { MANAGER, onPostgres, prepare, serverFolder, startServer, withSession } from "../postgres/under-test.ts";
import { authoritiesSuite } from "./authorities.suite.ts";
import { credentialOf } from "./credential-of.ts";

// Managers' logins lie in the embedded AWS's Secrets Manager, the users in a real PostgreSQL.

const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
let aws: EmbeddedAws | undefined;
let secrets: SecretsManagerClient;
beforeAll(async () => {
  aws = await startAws({ folder });
  aws.resume();
  const { endpoint, region, credentials } = aws;
  secrets = new SecretsManagerClient({ endpoint, region, credentials, maxAttempts: 1 });
});
afterAll(async () => {
  await aws?.close();
  rmSync(folder, { recursive: true });
});

/** For whom tokens were asked, and what is given for one. */
const tokens: TokenFor[] = [];
const token = async (asked: TokenFor) => {
  tokens.push(asked);
  return MANAGER.password;
};
const authorities = () =>
  networkAuthorities({ secrets, token, random: randomBytes, wait, now: Date.now, limits: { connectMs: 3000 } });
const loginText = (password: string) => JSON.stringify({ username: MANAGER.user, password, engine: "postgres" });
const yes = async () => true;

onPostgres("authorities of PostgreSQL", () => {
  const place = serverFolder();
  let server: PostgresServer;
  let credentials: readonly [DatabaseCredential, DatabaseCredential];
  beforeAll(async () => {
    server = await startServer({ folder: place.folder });
    const { port } = server;
    credentials = [
      credentialOf({ port }),
      credentialOf({ port, name: "bills/db", dbname: "bills", owner: "bills", users: ["bills_a", "bills_b"] }),
    ];
    for (const credential of credentials) await prepare(server, { credential: credential.name, ...credential });
    const login = { Name: "orders/manager", SecretString: loginText(MANAGER.password) };
    await secrets.send(new CreateSecretCommand(login));
  });
  afterAll(async () => {
    await server.remove();
    place.remove();
  });

  authoritiesSuite(() => ({
    authorities: authorities(),
    credentials,
    async turnManager() {
      const password = randomBytes(8).toString("hex");
      await withSession({ port: server.port, ...server.superuser }, (session) => {
        const verifier = session.escapeLiteral(scramVerifier(password, randomBytes));
        return session.query(`ALTER ROLE ${session.escapeIdentifier(MANAGER.user)} PASSWORD ${verifier}`);
      });
      const turned = { SecretId: "orders/manager", SecretString: loginText(password) };
      await secrets.send(new PutSecretValueCommand(turned));
    },
  }));

  test("a server that is to prove who it is, and does not encrypt, is told nothing", async () => {
    const encrypted = { ...credentials[0], tls: "rds" } as const;
    const login = { user: "orders_a", password: "any" };
    expect(await authorities().of(encrypted).accepts(login)).toMatchObject([
      { says: "UNREACHABLE", words: expect.stringContaining("does not encrypt") },
    ]);
  });

  test.each([
    ["is no JSON", "hunter2"],
    ["has no username", '{"user":"x","password":"hunter2"}'],
    ["has an empty password", '{"username":"hunter2","password":""}'],
    ["has a number in the place of a text", '{"username":"hunter2","password":2}'],
    ["is no object", '["hunter2"]'],
  ])("a manager's secret that %s is told as a manager who is refused, and nothing of it repeated", async (_, text) => {
    const secret = `test/manager-${randomBytes(4).toString("hex")}`;
    await secrets.send(new CreateSecretCommand({ Name: secret, SecretString: text }));
    const authority = authorities().of({ ...credentials[0], manager: { secret } });
    const error = await authority.refuse("orders_a", "LOGIN", yes).catch((caught: Error) => caught);
    expect(error).toMatchObject({ name: "ManagerRefused", message: expect.stringContaining(secret) });
    expect(String(error)).not.toContain("hunter2");
  });

  test("a token is made for a manager who signs in by IAM, for the server and anew for each session", async () => {
    const { port } = server;
    const other = { name: "iam/db", dbname: "iam", owner: "iam", users: ["iam_a", "iam_b"] } as const;
    const credential = credentialOf({ port, ...other, manager: { iamUser: "iam_manager" } });
    const { superuser } = server;
    await withSession({ port, ...superuser }, async (session) => {
      await session.query("CREATE DATABASE iam");
      await session.query("CREATE ROLE rds_iam");
    });
    await withSession({ port, ...superuser, database: "iam" }, async (session) => {
      const manager = { user: "iam_manager", verifier: scramVerifier(MANAGER.password, randomBytes), byIam: true };
      await session.query(preparationSql({ credential: "iam/db", ...other, manager }));
    });
    const authority = authorities().of(credential);
    expect(await authority.usesOf(["iam_a"])).toEqual([]);
    expect(await authority.honour({ user: "iam_a", password: "of his own" }, yes)).toBe(true);
    const asked = { host: "127.0.0.1", port, user: "iam_manager" };
    expect(tokens).toEqual([asked, asked]);
    expect(await authority.accepts({ user: "iam_a", password: "of his own" })).toMatchObject([{ says: "ACCEPTED" }]);
    expect(tokens.length).toBe(2);
  });

  test("a manager's secret that is not there, or is bytes, is told as a manager who is refused", async () => {
    const SecretBinary = Buffer.from("hunter2");
    await secrets.send(new CreateSecretCommand({ Name: "test/bytes", SecretBinary }));
    for (const secret of ["test/none", "test/bytes"]) {
      const authority = authorities().of({ ...credentials[0], manager: { secret } });
      await expect(authority.usesOf(["orders_a"])).rejects.toMatchObject({ name: "ManagerRefused" });
    }
  });
});

test.each<[Partial<DatabaseCredential>, string]>([
  [{ hosts: ["127.0.0.1", "db.internal"] }, "nothing is said in the clear to db.internal"],
  [{ hosts: ["127.0.0.1.example.com"] }, "in the clear to 127.0.0.1.example.com"],
  [{ hosts: ["10.0.0.1"] }, "in the clear to 10.0.0.1"],
  [{ tls: "off" as "none" }, "set tls to rds"],
  [{ engine: "mysql", hosts: ["10.0.0.1"] }, "in the clear to 10.0.0.1"],
  [{ engine: "mysql", manager: { iamUser: "boss" } }, "a manager signs in to mysql by a secret"],
])("settings by which nothing can be said are told of by the credential's name: %j", async (change, words) => {
  const authority = authorities().of(credentialOf(change));
  const login = { user: "orders_a", password: "hunter2" };
  const asked = [
    authority.accepts(login),
    authority.actsAs(login),
    authority.usesOf(["orders_a"]),
    authority.honour(login, yes),
    authority.refuse("orders_a", "LOGIN", yes),
  ];
  for (const one of await Promise.allSettled(asked)) {
    expect(one).toMatchObject({ reason: { name: "AuthorityUnwilling", message: expect.stringContaining(words) } });
    expect(one).toMatchObject({ reason: { message: expect.stringContaining("orders/db") } });
  }
});

test("who vouches for servers of Amazon RDS is known for the Regions, and who else is trusted is added", async () => {
  const pem = await rdsCertificates(["-----BEGIN CERTIFICATE-----\nanother\n-----END CERTIFICATE-----"]);
  expect(pem).toContain("another");
  const own = (await rdsCertificates([])).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const certificates = own.map((text) => new X509Certificate(text));
  expect(certificates.filter(({ ca }) => !ca)).toEqual([]);
  const lasting = certificates.filter(({ validToDate }) => validToDate > new Date("2060-01-01"));
  for (const region of ["us-east-1", "eu-central-1", "ap-southeast-2", "sa-east-1"]) {
    expect(lasting.filter(({ subject }) => subject.includes(`RDS ${region} Root CA`)).length).toBe(3);
  }
});
