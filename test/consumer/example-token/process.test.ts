import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { useProof } from "../../../protocol/index.ts";
import { type Server, serve } from "../../agent/fakes/server.ts";
import { holdsMark, MARK } from "../marked.ts";
import { SecretsManager } from "../secrets-manager.ts";

// The example as a process of its own, with what it speaks to on loopback: Secrets Manager, the series, a resource.

const VERSIONS = ["7d9b318d-7543-4923-813d-660b51a4553f", "424f199b-830c-408f-812e-0c21c02b31c3"] as const;
const MAIN = join(import.meta.dirname, "../../../consumer/example-token/main.ts");
const ROLE = "arn:aws:iam::000000000000:role/apps/web";

let folder: string;
let aws: Server;
let api: Server;
let manager: SecretsManager;
let written: string[];
/** Whom the resource takes; and what it answers, whoever comes. */
let taken: string;
let answers: number | undefined;
let child: ChildProcess;
let printed: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-consumer-"));
  [written, answers, printed] = [[], undefined, ""];
  manager = new SecretsManager();
  use(0);
  aws = await serve((request) => {
    if (String(request.headers["x-amz-target"]).startsWith("secretsmanager.")) return manager.handle(request);
    written.push(request.body);
    return { status: 200, body: "{}" };
  });
  api = await serve(({ headers }) => ({
    status: answers ?? (headers.authorization === `Bearer ${taken}` ? 200 : 401),
    body: `you said ${headers.authorization}`,
  }));
});
afterEach(async () => {
  child.kill("SIGKILL");
  await Promise.all([aws.close(), api.close()]);
  rmSync(folder, { recursive: true });
});

/** The token turns: the resource takes this version's, and no other. */
function use(n: 0 | 1): void {
  taken = `${MARK}-${n}`;
  const value = { token_type: "bearer", access_token: taken, issued_at: 1_800_000_000, expires_at: 4_100_000_000 };
  manager.current = { versionId: VERSIONS[n], value: JSON.stringify(value) };
}

test("the example follows a turn, is seen on both versions as its role, and shows the token nowhere", async () => {
  child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN], {
    cwd: folder,
    env: {
      ...{ HOME: folder, AWS_ENDPOINT_URL: aws.url.origin, AWS_REGION: "us-east-1" },
      ...{ AWS_ACCESS_KEY_ID: "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY: "of the role" },
      ...{ KEYTURN_SECRET: "partner/api", KEYTURN_CONSUMER: "web-1", KEYTURN_CACHE_SECONDS: "1" },
      ...{ KEYTURN_TIME_SERIES: "dynamodb", KEYTURN_SERIES_TABLE: "samples", KEYTURN_ROLE_ARN: ROLE },
      ...{ EXAMPLE_PORT: "0", EXAMPLE_API_URL: new URL("/orders", api.url).href },
    },
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (printed += chunk));
  const ended = new Promise((resolve) => child.on("close", resolve));
  await expect.poll(() => printed, { timeout: 10_000 }).toMatch(/listens at http:\/\/127\.0\.0\.1:\d+\/ /);
  const url = /http:\/\/[\d.:]+\//.exec(printed)?.[0] ?? "";
  const get = async () => (await fetch(url)).json() as Promise<Record<string, unknown>>;

  const first = await get();
  expect(first).toEqual({
    api_status: "ACCEPTED",
    http_status: 200,
    version: VERSIONS[0],
    fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
    since: expect.stringMatching(/Z$/),
    expires: "2099-12-03T16:53:20.000Z",
  });
  use(1);
  const second = await get();
  expect(second).toMatchObject({ api_status: "ACCEPTED", version: VERSIONS[1] });
  expect(second.fingerprint).not.toBe(first.fingerprint);
  await expect.poll(() => written).toHaveLength(2);
  for (const [n, body] of written.entries()) {
    const { instanceArn, timeMs, proof } = JSON.parse(body).Item;
    expect(instanceArn).toEqual({ S: ROLE });
    const use = { secret: "orders/db", versionId: VERSIONS[n] ?? "", consumer: "web-1", timeMs: Number(timeMs.N) };
    expect(proof.S).toBe(useProof({ ...use, credential: `${MARK}-${n}` }));
  }

  taken = "another";
  expect(await get()).toMatchObject({ api_status: "REFUSED", http_status: 401, version: VERSIONS[1] });
  answers = 302;
  expect(await get()).toMatchObject({ api_status: "FAILED", http_status: 302 });
  await api.close();
  expect(await get()).toMatchObject({ api_status: "FAILED", error: expect.stringContaining("gave no answer") });

  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(printed).toContain("All requests are answered.");
  expect([printed, JSON.stringify([first, second]), ...written].filter((text) => holdsMark(text))).toEqual([]);
});
