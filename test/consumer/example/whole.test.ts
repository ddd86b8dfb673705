import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type EmbeddedAws, startAws } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PostgresServer } from "../../../local/postgres/server.ts";
import { onPostgres, serverFolder, startServer, withSession } from "../../functions/postgres/under-test.ts";

// The example as a process, with a real PostgreSQL and the embedded AWS's Secrets Manager: two users take turns.

const MAIN = join(import.meta.dirname, "../../../consumer/example/main.ts");
const SECRET = "orders/db";

onPostgres("an application that asks its database at each request", () => {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-consumer-"));
  const data = serverFolder();
  let aws: EmbeddedAws;
  let server: PostgresServer;
  let secrets: SecretsManagerClient;
  let child: ChildProcess | undefined;

  const administer = (sql: string) =>
    withSession({ port: server.port, ...server.superuser }, async (session) => void (await session.query(sql)));
  const secretOf = (username: string, password: string) =>
    JSON.stringify({ engine: "postgres", host: "127.0.0.1", port: server.port, dbname: "orders", username, password });

  beforeAll(async () => {
    [aws, server] = await Promise.all([startAws({ folder }), startServer({ folder: data.folder })]);
    const { endpoint, region, credentials } = aws;
    secrets = new SecretsManagerClient({ endpoint, region, credentials });
    await administer("CREATE DATABASE orders");
    for (const user of ["orders_a", "orders_b"]) await administer(`CREATE ROLE ${user} LOGIN PASSWORD 'of ${user}'`);
    const SecretString = secretOf("orders_a", "of orders_a");
    await secrets.send(new CreateSecretCommand({ Name: SECRET, SecretString, ClientRequestToken: randomUUID() }));
  });
  /** Starts the example. @returns where it answers */
  async function start(): Promise<string> {
    const { endpoint, region, credentials } = aws;
    const env = {
      ...{ HOME: folder, AWS_ENDPOINT_URL: endpoint, AWS_REGION: region },
      ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
      ...{ KEYTURN_SECRET: SECRET, KEYTURN_CONSUMER: "web-1", KEYTURN_CACHE_SECONDS: "1", KEYTURN_SEEN_BY: "sessions" },
      ...{ EXAMPLE_PORT: "0", EXAMPLE_DATABASE_TLS: "none" },
    };
    const started = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN], { env });
    child = started;
    let printed = "";
    for (const stream of [started.stdout, started.stderr]) stream.on("data", (chunk) => (printed += chunk));
    await expect.poll(() => printed, { timeout: 20_000 }).toMatch(/listens at http:\/\/127\.0\.0\.1:\d+\/ /);
    return /http:\/\/[\d.:]+\//.exec(printed)?.[0] ?? "";
  }

  afterAll(async () => {
    child?.kill("SIGKILL");
    await aws.close();
    await server.remove();
    data.remove();
    rmSync(folder, { recursive: true });
  });

  test("goes on through a turn, also when the former user is shut at once, and says so when nobody is let in", async () => {
    const url = await start();
    const status = async () => (await fetch(url)).json() as Promise<Record<string, string>>;
    expect(await status()).toMatchObject({ db_status: "CONNECTED", user: "orders_a" });
    const SecretString = secretOf("orders_b", "of orders_b");
    await secrets.send(new PutSecretValueCommand({ SecretId: SECRET, SecretString, ClientRequestToken: randomUUID() }));
    await administer("ALTER ROLE orders_a NOLOGIN");
    expect(await status()).toMatchObject({ db_status: "CONNECTED", user: "orders_b" });

    await administer("ALTER ROLE orders_b PASSWORD 'another'");
    const refused = { db_status: "DISCONNECTED", error: expect.stringMatching(/^password authentication failed/) };
    await expect.poll(status, { timeout: 10_000 }).toMatchObject(refused);
    await administer("ALTER ROLE orders_b PASSWORD 'of orders_b'");
    await expect.poll(status, { timeout: 10_000 }).toMatchObject({ db_status: "CONNECTED", user: "orders_b" });
  });
});
