import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OrdersSecrets } from "../../local/orders/secrets.ts";
import { findPrograms } from "../../local/postgres/programs.ts";
import { type Keyturn, startKeyturn } from "./keyturn.ts";
import { processesThatName } from "./processes.ts";

// npm start with a database: what it has started ends with it, and the next start goes on with what is there.

const SOON = { timeout: 30_000, interval: 100 };
const programs = findPrograms();

let data: string;
let keyturn: Keyturn | undefined;
beforeEach(({ skip }) => {
  if ("missing" in programs) skip(programs.missing);
  data = mkdtempSync(join(tmpdir(), "keyturn-test-"));
});
afterEach(async () => {
  await keyturn?.end("SIGKILL");
  keyturn = undefined;
  rmSync(data, { recursive: true, maxRetries: 10 });
});

async function start(): Promise<Keyturn> {
  keyturn = await startKeyturn(data, ["--agents", "1", "--every", "1h", "--samples", "2s"], { database: true });
  return keyturn;
}

const databasePort = () => JSON.parse(readFileSync(join(data, "ports.json"), "utf8")).database as number;
/** The database's processes: where it lives, depends on who starts it. */
const servers = () => processesThatName(`port=${databasePort()}`);

async function versionOf({ config }: Keyturn): Promise<string> {
  const secrets = new OrdersSecrets(config);
  try {
    return (await secrets.current()).versionId;
  } finally {
    secrets.close();
  }
}

test.skipIf(!existsSync("/proc")).each(["SIGKILL", "SIGINT"] as const)(
  "after %s neither the database nor an application is left, and the next start has the same credential",
  async (signal) => {
    const before = await start();
    await vi.waitFor(() => expect(before.said()).toContain("web  CONNECTED."), SOON);
    await vi.waitFor(() => expect(before.said()).toContain("pool  CONNECTED."), SOON);
    expect(servers().length).toBeGreaterThan(0);
    // Each with its watcher.
    expect(processesThatName(join(data, "example.mjs"))).toHaveLength(4);
    const [port, version] = [databasePort(), await versionOf(before)];
    // It waits until no process names the folder any more, as those of the applications do.
    await before.end(signal);
    await vi.waitFor(() => expect(servers()).toEqual([]), SOON);

    const after = await start();
    await vi.waitFor(() => expect(after.said()).toContain("web  CONNECTED."), SOON);
    expect([databasePort(), await versionOf(after)]).toEqual([port, version]);
    expect(after.said()).not.toContain("DISCONNECTED: password");
  },
);

test("--no-database starts neither a database nor applications, and says nothing of them", async () => {
  keyturn = await startKeyturn(data, ["--agents", "1"]);
  const { said } = keyturn;
  await vi.waitFor(() => expect(said()).toContain("registered from"), SOON);
  expect(said()).not.toMatch(/PostgreSQL|orders/);
  expect(existsSync(join(data, "ports.json"))).toBe(false);
  expect(processesThatName(join(data, "example.mjs"))).toEqual([]);
});
