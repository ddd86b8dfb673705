import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OrdersSecrets } from "../../local/orders/secrets.ts";
import { findPrograms } from "../../local/postgres/programs.ts";
import { ShopSecrets } from "../../local/shop/secrets.ts";
import { type Keyturn, startKeyturn } from "./keyturn.ts";
import { processesThatName } from "./processes.ts";

// npm start with a database and a token issuer: what it has started ends with it, and the next start goes on with what is there.

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

/** Of the login and of the token. */
async function versionsOf({ config }: Keyturn): Promise<(string | undefined)[]> {
  const both = [new OrdersSecrets(config), new ShopSecrets(config)];
  try {
    return await Promise.all(both.map(async (secrets) => (await secrets.current())?.versionId));
  } finally {
    for (const secrets of both) secrets.close();
  }
}

async function allAreServed({ said }: Keyturn): Promise<void> {
  for (const line of ["web  CONNECTED.", "pool  CONNECTED.", "cart  ACCEPTED."]) {
    await vi.waitFor(() => expect(said()).toContain(line), SOON);
  }
}

test.skipIf(!existsSync("/proc")).each(["SIGKILL", "SIGINT"] as const)(
  "after %s neither the database nor an application is left, and the next start has the same credential and token",
  async (signal) => {
    const before = await start();
    await allAreServed(before);
    expect(servers().length).toBeGreaterThan(0);
    // Each with its watcher.
    expect(processesThatName(join(data, "example.mjs"))).toHaveLength(4);
    expect(processesThatName(join(data, "example-token.mjs"))).toHaveLength(2);
    const [port, versions] = [databasePort(), await versionsOf(before)];
    // It waits until no process names the folder any more, as those of the applications do.
    await before.end(signal);
    await vi.waitFor(() => expect(servers()).toEqual([]), SOON);

    const after = await start();
    await allAreServed(after);
    expect([databasePort(), await versionsOf(after)]).toEqual([port, versions]);
    expect(after.said()).not.toContain("DISCONNECTED: password");
    expect(after.said()).not.toContain("REFUSED");
  },
);

test("--no-database and --no-token start neither database nor issuer nor applications, and nothing is said of them", async () => {
  keyturn = await startKeyturn(data, ["--agents", "1"]);
  const { said } = keyturn;
  await vi.waitFor(() => expect(said()).toContain("registered from"), SOON);
  expect(said()).not.toMatch(/PostgreSQL|orders|issuer|shop/);
  // The page alone has a port that lasts.
  expect(Object.keys(JSON.parse(readFileSync(join(data, "ports.json"), "utf8")))).toEqual(["page"]);
  for (const name of ["example.mjs", "example-token.mjs"]) {
    expect(processesThatName(join(data, name))).toEqual([]);
  }
});
