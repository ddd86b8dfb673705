import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { choosePorts } from "../../../local/orders/ports.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the next start has the same, but for one that another program has got since", async () => {
  const first = await choosePorts(folder);
  expect(new Set(Object.values(first)).size).toBe(3);
  expect(await choosePorts(folder)).toEqual(first);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(first.web, "127.0.0.1", resolve));
  const { web, ...same } = await choosePorts(folder);
  await new Promise((resolve) => other.close(resolve));
  expect(same).toEqual({ database: first.database, pool: first.pool });
  expect(Object.values(first)).not.toContain(web);
});

test.each(["{", '{"database": "all", "web": 0, "pool": 70000}', "null"])(
  "a file that says %s says nothing",
  async (text) => {
    writeFileSync(join(folder, "ports.json"), text);
    const ports = await choosePorts(folder);
    expect(Object.values(ports).every((port) => port >= 20_000 && port < 30_000)).toBe(true);
  },
);
