import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ownersWay } from "../../../infra/prepare/owners-way.ts";

const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ENGINE = { schemes: ["postgres", "postgresql"], port: 5432 };
const CREDENTIAL = { dbname: "orders", hosts: ["db.example"], tls: "rds" } as const;
const LOGIN = { user: "me", password: "p%:" };

test("on this machine, where nothing is encrypted, the URL says it all; what it leaves out is as usual", async () => {
  const way = await ownersWay("postgresql://me:p%25%3A@127.0.0.1", { ...CREDENTIAL, tls: "none" }, ENGINE);
  expect(way).toEqual({ host: "127.0.0.1", port: 5432, dbname: "orders", login: LOGIN });
  const by = await ownersWay("postgres://me:p%25%3A@[::1]:6543/orders", { ...CREDENTIAL, tls: "none" }, ENGINE);
  expect(by).toMatchObject({ host: "::1", port: 6543 });
});

test.each<[string, string, { tlsName?: string }, string | undefined]>([
  ["at the end of a tunnel, the writer's", "localhost:15432", {}, "db.example"],
  ["where it is another computer, that one's", "other.example", {}, undefined],
  ["where the settings name it, this one", "localhost", { tlsName: "*.example" }, "*.example"],
])("which name the server has to prove: %s", async (_, at, more, name) => {
  const way = await ownersWay(`postgres://me:p@${at}/orders`, { ...CREDENTIAL, ...more }, ENGINE);
  expect(way.tls?.name).toBe(name);
  expect(way.tls?.ca).toContain("-----BEGIN CERTIFICATE-----");
});

test("the certificates of a file take the place of those that Keyturn comes with", async () => {
  const file = join(folder, "ca.pem");
  writeFileSync(file, "of the file");
  for (const tls of ["rds", "none"] as const) {
    const url = `postgres://me:p@db.example/orders?sslrootcert=${encodeURIComponent(file)}`;
    expect((await ownersWay(url, { ...CREDENTIAL, tls }, ENGINE)).tls).toEqual({ ca: "of the file" });
  }
});
