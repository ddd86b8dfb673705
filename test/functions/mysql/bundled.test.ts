import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { mysqlAuthority } from "../../../functions/clients/authority.mysql.ts";
import { OPTIONS_IN_PARTS } from "../../../infra/bundles.ts";
import { lastingPort } from "../../../local/port.ts";
import { serverFolder } from "../postgres/under-test.ts";
import { MANAGER, type MariadbServer, onMariadb, prepareMariadb, startMariadb } from "./under-test.ts";

const SETTINGS = { credential: "orders", dbname: "orders", owner: "orders", users: ["orders_a", "orders_b"] };

onMariadb("MySQL's client as it is bundled for a function", () => {
  const place = serverFolder();
  const folder = mkdtempSync(join(tmpdir(), "keyturn-bundles-"));
  let server: MariadbServer | undefined;
  let port = 0;
  beforeAll(async () => {
    port = await lastingPort();
    server = await startMariadb({ folder: place.folder, host: "127.0.0.1", port });
    await prepareMariadb(SETTINGS, { host: "127.0.0.1", port });
  });
  afterAll(async () => {
    await server?.stop();
    place.remove();
    rmSync(folder, { recursive: true });
  });

  test("does what it does, without the tables of other encodings", async () => {
    await build({
      ...OPTIONS_IN_PARTS,
      entryPoints: { authority: "functions/clients/authority.mysql.ts" },
      outdir: folder,
      outExtension: { ".js": ".mjs" },
    });
    const bundled: { mysqlAuthority: typeof mysqlAuthority } = await import(join(folder, "authority.mjs"));
    const authority = bundled.mysqlAuthority(
      { ...SETTINGS, hosts: ["127.0.0.1"], port },
      { manager: async () => MANAGER, random: randomBytes },
    );
    const login = { user: "orders_a", password: "its password" };
    expect(await authority.honour(login, async () => true)).toBe(true);
    expect(await authority.accepts(login)).toEqual([{ host: "127.0.0.1", says: "ACCEPTED" }]);
    // What the server says in words is read, too.
    expect(await authority.accepts({ ...login, password: "another" })).toMatchObject([
      { says: "REFUSED", words: expect.stringContaining("Access denied") },
    ]);
    expect(await authority.usesOf(SETTINGS.users)).toEqual([]);
  });
});
