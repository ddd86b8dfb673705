import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Login } from "../../functions/clients/authority.ts";
import { NAMES } from "../../infra/wiring.ts";
import { MANAGER_SECRET, ORDERS_SECRET } from "../../local/orders/orders.ts";
import { OrdersSecrets } from "../../local/orders/secrets.ts";
import { type Orders, startOrders } from "../../local/orders/start-orders.ts";
import { Visitors } from "../../local/orders/visitors.ts";
import type { PostgresServer } from "../../local/postgres/server.ts";
import { flowArn } from "../../local/roles.ts";
import { startTestFleet, type TestFleet, until } from "../flows/support.ts";
import { onPostgres, serverFolder, withSession } from "../functions/postgres/under-test.ts";
import { DATABASE, filesBelow, formsOf, tablesHolding } from "./searching.ts";

/*
 * The original's application, asked once a second for its page, for which it reads the secret and connects: through five
 * rotations. Then it is looked for their passwords everywhere.
 */

const ROTATIONS = 5;

onPostgres("the original's application", () => {
  const place = serverFolder();
  /** What went over the wire to AWS, one text a message. */
  const traffic: { operation: string; text: string }[] = [];
  let orders: Orders & { server: PostgresServer };
  let fleet: TestFleet;
  let secrets: OrdersSecrets;
  let secretsManager: SecretsManagerClient;
  let visitors: Visitors;

  beforeAll(async () => {
    const started = await startOrders(place.folder, { quietSeconds: 2, deadlineSeconds: 60 }, { outlasts: false });
    if ("missing" in started) throw new Error(started.missing);
    orders = started;
    await asSuperuser("ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()");
    fleet = await startTestFleet(1, {
      orders,
      onTraffic: ({ operation, request, response }) => {
        const bytes = [request.url, request.body, response?.body].map((part) => Buffer.from(part ?? ""));
        traffic.push({ operation, text: Buffer.concat(bytes).toString("latin1") });
      },
    });
    const { endpoint, region, credentials } = fleet.aws;
    secrets = new OrdersSecrets(fleet.aws);
    secretsManager = new SecretsManagerClient({ endpoint, region, credentials });
    visitors = new Visitors({ ports: orders.ports, tell: () => {} });
    await until(() => executions().some(({ status }) => status === "SUCCEEDED"), "the first rotation");
    const isConnected = async (name: "web" | "pool") => (await visitors.pageOf(name))?.db_status === "CONNECTED";
    for (const name of ["web", "pool"] as const) await until(() => isConnected(name), `${name} to have its database`);
  });
  afterAll(async () => {
    visitors?.stop();
    secrets?.close();
    secretsManager?.destroy();
    await fleet?.close();
    await orders?.server.remove();
    place.remove();
  });

  async function asSuperuser(...statements: string[]): Promise<void> {
    await withSession({ port: orders.ports.database, ...orders.superuser }, async (session) => {
      for (const statement of statements) await session.query(statement);
    });
  }
  const as = ({ user, password }: Login, ...statements: string[]) =>
    withSession({ port: orders.ports.database, database: "orders", user, password }, async (session) => {
      let rows: unknown[] = [];
      for (const statement of statements) ({ rows } = await session.query(statement));
      return rows;
    });
  const executions = () => fleet.aws.executions.list(flowArn("credential"), 100);
  const ended = (token: string) =>
    until(() => {
      const execution = executions().find(({ name }) => name.includes(token));
      return execution?.status === "RUNNING" ? undefined : execution;
    }, `the end of the rotation of version ${token}`);

  test("is never refused and never called behind through five rotations; what one user makes, the other has", async () => {
    visitors.start();
    for (let n = 1; n <= ROTATIONS; n += 1) {
      const former = await secrets.current();
      await as(former, `CREATE TABLE made_${n} (n int)`, `INSERT INTO made_${n} VALUES (${n})`);
      const token = (await secrets.rotate()) ?? "";
      expect(await ended(token)).toMatchObject({ status: "SUCCEEDED", output: expect.stringContaining("ROTATED") });
      const current = await secrets.current();
      expect(current.versionId).toBe(token);
      expect(current.user).not.toBe(former.user);
      expect(await as(current, `ALTER TABLE made_${n} ADD COLUMN m int`, `SELECT * FROM made_${n}`)).toEqual([
        { n, m: null },
      ]);
      await expect(as(former)).rejects.toMatchObject({ code: expect.stringMatching(/^28(P01|000)$/) });
    }
    visitors.stop();
    process.stdout.write(
      `the original's application, five rotations: ${visitors.counts.refused} of ${visitors.counts.connected}\n`,
    );
    expect(visitors.counts.connected).toBeGreaterThan(ROTATIONS * 4);
    expect(visitors.counts.refused).toBe(0);
    for (const { status } of executions()) expect(status).toBe("SUCCEEDED");
    expect(await fleet.finding({ subject: ORDERS_SECRET, cause: "ConsumersBehind" })).toBeUndefined();
  });

  test("has a password that stands nowhere but in the secret: neither one that was drawn, nor a marked one", async () => {
    const marked = `Marked${"0123456789".repeat(3)}Marked`;
    const { user } = await secrets.current();
    const SecretString = JSON.stringify({ username: user, password: marked });
    await secretsManager.send(new PutSecretValueCommand({ SecretId: ORDERS_SECRET, SecretString }));
    // Which the database does not know: applications are refused, people are told, have it healed, and it is turned once more.
    visitors.start();
    expect((await ended(await askByEvent({}))).error).toBe("Keyturn.MISMATCH");
    expect((await ended(await askByEvent({ heal: true }))).status).toBe("SUCCEEDED");
    visitors.stop();
    await until(() => fleet.aws.inbox.list().length > 0, "the mail");

    const passwords = [marked, ...(await allPasswords(ORDERS_SECRET)), ...(await allPasswords(MANAGER_SECRET))];
    expect(new Set(passwords).size).toBeGreaterThan(ROTATIONS + 3);
    const forms = passwords.flatMap(formsOf);
    const holds = (text: string) => forms.some((form) => text.includes(form));

    for (const { arn } of executions())
      traffic.push({ operation: "history", text: JSON.stringify(await fleet.history(arn)) });
    for (const mail of fleet.aws.inbox.list()) traffic.push({ operation: "mail", text: mail.raw });
    for (const name of ["web", "pool"] as const) {
      traffic.push({ operation: "page", text: JSON.stringify(await visitors.pageOf(name)) });
    }
    traffic.push({ operation: "log", text: fleet.log.join("\n") });
    const operations = new Set(traffic.filter(({ text }) => holds(text)).map(({ operation }) => operation));
    expect([...operations].sort()).toEqual(["CreateSecret", "GetRandomPassword", "GetSecretValue", "PutSecretValue"]);

    // What the embedded AWS keeps, by tables; all else, functions' and applications' logs included, by files.
    expect(tablesHolding(join(fleet.folder, DATABASE), holds)).toEqual(["secretsmanager_versions"]);
    const files = [fleet.folder, place.folder, orders.server.data].flatMap(filesBelow);
    const names = files.map(({ name }) => name);
    const logs = ["log", "web.log", "pool.log", "keyturn-credential-promote-successor.log", "PG_VERSION"];
    expect(names).toEqual(expect.arrayContaining(logs));
    const holding = files.filter(({ name, text }) => !name.startsWith(DATABASE) && holds(text));
    expect(holding.map(({ name }) => name)).toEqual([]);
    // PostgreSQL has written down each statement.
    const statements = readFileSync(orders.server.log, "latin1");
    for (const user of orders.settings.users) {
      expect(statements).toContain(`statement: ALTER ROLE "${user}" LOGIN PASSWORD 'SCRAM-SHA-256$`);
    }
  });

  async function askByEvent(more: object): Promise<string> {
    const { endpoint, region, credentials } = fleet.aws;
    const bus = new EventBridgeClient({ endpoint, region, credentials });
    const Detail = JSON.stringify({ secret: ORDERS_SECRET, ...more });
    const entry = { EventBusName: NAMES.eventBus, Source: "test", DetailType: "Credential Rotation Requested", Detail };
    const { Entries = [] } = await bus.send(new PutEventsCommand({ Entries: [entry] }));
    bus.destroy();
    return Entries[0]?.EventId ?? "";
  }

  /** Of all versions that ever were. */
  async function allPasswords(SecretId: string): Promise<string[]> {
    const all = new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true });
    const { Versions = [] } = await secretsManager.send(all);
    const values = Versions.map(async ({ VersionId }) => {
      const { SecretString = "{}" } = await secretsManager.send(new GetSecretValueCommand({ SecretId, VersionId }));
      return JSON.parse(SecretString).password as string;
    });
    return Promise.all(values);
  }
});
