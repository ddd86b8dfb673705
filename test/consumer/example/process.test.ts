import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Use, useProof } from "../../../protocol/index.ts";
import { MetadataService } from "../../agent/fakes/metadata-service.ts";
import { type Received, type Reply, type Server, serve } from "../../agent/fakes/server.ts";
import { holdsMark, MARK } from "../marked.ts";
import { SecretsManager } from "../secrets-manager.ts";
import { PostgresWire } from "./postgres-wire.ts";

// The example as a process of its own, with what it speaks to on loopback: metadata, Secrets Manager, the series, a database.

const VERSIONS = ["7d9b318d-7543-4923-813d-660b51a4553f", "424f199b-830c-408f-812e-0c21c02b31c3"] as const;
const MAIN = join(import.meta.dirname, "../../../consumer/example/main.ts");
const STORES = {
  dynamodb: { KEYTURN_TIME_SERIES: "dynamodb", KEYTURN_SERIES_TABLE: "samples" },
  timestream: { KEYTURN_TIMESTREAM_DATABASE: "keyturn", KEYTURN_TIMESTREAM_TABLE: "samples" },
};

let folder: string;
let aws: Server;
let manager: SecretsManager;
let database: PostgresWire;
/** What went over the wire, but for the answers of Secrets Manager. */
let traffic: string[];
let written: Record<string, unknown>[];
let running: Running | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-consumer-"));
  [traffic, written, running] = [[], [], undefined];
  manager = new SecretsManager();
  database = new PostgresWire();
  await database.start();
  const metadata = new MetadataService();
  aws = await serve((request) => {
    traffic.push(`${request.method} ${request.path} ${JSON.stringify(request.headers)} ${request.body}`);
    return request.path.startsWith("/latest/") ? metadata.handle(request) : answer(request);
  });
  use(0);
});
afterEach(async () => {
  running?.child.kill("SIGKILL");
  await Promise.all([aws.close(), database.close()]);
  rmSync(folder, { recursive: true });
});

function answer(request: Received): Reply {
  const target = String(request.headers["x-amz-target"]);
  if (target.startsWith("secretsmanager.")) return manager.handle(request);
  if (target === "Timestream_20181101.DescribeEndpoints") {
    return { status: 200, body: '{"Endpoints":[{"Address":"127.0.0.1","CachePeriodInMinutes":60}]}' };
  }
  written.push(JSON.parse(request.body));
  return { status: 200, body: "{}" };
}

/** The credential turns: the database takes the user of this version, and no other. */
function use(n: 0 | 1): void {
  database.passwords.clear();
  database.passwords.set(`orders_${n}`, `${MARK}-${n}`);
  put(n);
}

function put(n: 0 | 1, value: unknown = {}): void {
  const secret = {
    engine: "postgres",
    host: "127.0.0.1",
    port: database.port,
    username: `orders_${n}`,
    password: `${MARK}-${n}`,
  };
  const text = typeof value === "string" ? value : JSON.stringify({ ...secret, ...(value as object) });
  manager.current = { versionId: VERSIONS[n], value: text };
}

interface Running {
  child: ChildProcess;
  /** All that it has printed. */
  printed: () => string;
  url: string;
  ended: Promise<number | string | null>;
}

async function start(settings: Record<string, string>): Promise<Running> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN], {
    cwd: folder,
    env: {
      HOME: folder,
      AWS_ENDPOINT_URL: aws.url.origin,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url.origin,
      AWS_REGION: "us-east-1",
      KEYTURN_SECRET: "orders/db",
      KEYTURN_CONSUMER: "web-1",
      KEYTURN_CACHE_SECONDS: "1",
      EXAMPLE_PORT: "0",
      EXAMPLE_DATABASE_TLS: "none",
      ...settings,
    },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  const ended = new Promise<number | string | null>((resolve) =>
    child.on("close", (code, signal) => resolve(code ?? signal)),
  );
  running = { child, printed: () => text, url: "", ended };
  const listens = expect.poll(() => text).toMatch(/listens at http:\/\/127\.0\.0\.1:\d+\/ /);
  await Promise.race([listens, ended.then((code) => Promise.reject(new Error(`it ended (${code}): ${text}`)))]);
  running.url = /http:\/\/[\d.:]+\//.exec(text)?.[0] ?? "";
  return running;
}

const get = async (url: string) => (await fetch(url)).json() as Promise<Record<string, string>>;

/** The uses that were written, whichever the store. */
function usesIn(bodies: typeof written): Pick<Use, "versionId" | "timeMs" | "proof">[] {
  return bodies.map((body) => {
    const text = JSON.stringify(body);
    const [proof = ""] = /[0-9a-f]{64}/.exec(text) ?? [];
    const versionId = VERSIONS.find((one) => text.includes(one)) ?? "";
    const timeMs = Number(/"(?:timeMs":\{"N":|Time":)"(\d{13})"/.exec(text)?.[1]);
    return { versionId, timeMs, proof };
  });
}

describe.each(Object.entries(STORES))("the example, its uses proved in %s", (_, store) => {
  test("follows a turn, is seen on both versions, shows the credential nowhere, and ends in order", async () => {
    const { child, url, printed, ended } = await start(store);
    const answers = [await get(url)];
    expect(answers[0]).toMatchObject({ db_status: "CONNECTED", user: "orders_0", version: VERSIONS[0] });
    expect(Object.keys(answers[0] ?? {}).sort()).toEqual(["db_status", "fingerprint", "since", "user", "version"]);
    use(1);
    answers.push(await get(url));
    expect(answers[1]).toMatchObject({ db_status: "CONNECTED", user: "orders_1", version: VERSIONS[1] });
    await expect.poll(() => written).toHaveLength(2);
    for (const { versionId, timeMs, proof } of usesIn(written)) {
      const credential = `${MARK}-${VERSIONS.indexOf(versionId as (typeof VERSIONS)[number])}`;
      expect(proof).toBe(useProof({ credential, secret: "orders/db", versionId, consumer: "web-1", timeMs }));
    }
    expect(database.logins.map(({ application }) => application)).toEqual(Array(database.logins.length).fill("web-1"));

    // What goes wrong shows it no more than what goes well.
    database.words = `no such password: ${MARK}-1`;
    database.passwords.set("orders_1", "another");
    answers.push(await get(url));
    expect(answers[2]).toMatchObject({ db_status: "DISCONNECTED", version: VERSIONS[1] });
    put(0, MARK);
    manager.raw = { status: 200, body: `{"SecretString":"${MARK}` };
    await expect
      .poll(async () => answers.push(await get(url)) && printed())
      .toContain("could not be read: SyntaxError");
    manager.raw = undefined;
    answers.push(await get(url));

    // A request that is under way when it is told to end is answered.
    database.words = undefined;
    use(1);
    const { promise, resolve: release } = Promise.withResolvers<void>();
    database.held = promise;
    const { connections } = database;
    const late = get(url);
    await expect.poll(() => database.connections).toBe(connections + 1);
    child.kill("SIGTERM");
    await expect.poll(printed).toContain("no more requests are taken");
    await expect(fetch(url)).rejects.toThrow();
    release();
    expect(await late).toMatchObject({ db_status: "CONNECTED", user: "orders_1" });
    expect(await ended).toBe(0);
    expect(printed()).toContain("All requests are answered.");

    expect(traffic.some((text) => text.includes("GetSecretValue"))).toBe(true);
    const seen = [printed(), ...answers.map((one) => JSON.stringify(one)), ...traffic, JSON.stringify(written)];
    expect(seen.filter((text) => holdsMark(text))).toEqual([]);
  });
});

test("only GET / is answered", async () => {
  const { url } = await start({ KEYTURN_SEEN_BY: "sessions" });
  expect((await fetch(new URL("/other", url))).status).toBe(404);
  expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(405);
  expect((await fetch(url)).headers.get("cache-control")).toBe("no-store");
  expect(written).toEqual([]);
});

test("wrong settings, and a port that is taken, are told in words, and it exits with 1", async () => {
  await expect(start({ KEYTURN_CONSUMER: "", EXAMPLE_PORT: "x" })).rejects.toThrow(
    /it ended \(1\): The settings are not right:\n {2}- KEYTURN_CONSUMER is missing.*\n.*EXAMPLE_PORT must be/s,
  );
  await expect(start({ ...STORES.dynamodb, EXAMPLE_PORT: String(database.port) })).rejects.toThrow(
    /it ended \(1\): It could not start: listen EADDRINUSE/,
  );
});
