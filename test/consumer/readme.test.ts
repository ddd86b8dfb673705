import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readExampleSettings } from "../../consumer/example/settings.ts";
import { readTokenExampleSettings } from "../../consumer/example-token/settings.ts";

// What consumer/README.md tells people who use the library in an application of their own.

const ROOT = join(import.meta.dirname, "../..");
const readme = readFileSync(join(ROOT, "consumer/README.md"), "utf8");
let folder: string;
let bundle: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-consumer-"));
  bundle = join(folder, "keyturn-consumer.mjs");
  const [, command = ""] = /```sh\n(npx esbuild [^`]*)```/.exec(readme) ?? [];
  const here = command.replace(/^npx esbuild/, "node_modules/.bin/esbuild --log-level=warning");
  execFileSync("/bin/sh", ["-c", here.replace("--outfile=keyturn-consumer.mjs", `--outfile='${bundle}'`)], {
    cwd: ROOT,
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the one file loads by itself, has what the README imports from it, and no database driver", async () => {
  const told = [...readme.matchAll(/import \{ ([^}]+) \} from "\.\/keyturn-consumer\.mjs"/g)];
  const names = told.flatMap(([, list = ""]) => list.split(", "));
  expect(names.length).toBeGreaterThan(4);
  const program = `
    import * as consumer from ${JSON.stringify(bundle)};
    const source = { close() {}, read: async () => ({ secret: "s", versionId: "v", text: '{"username":"u","password":"p"}' }) };
    const one = consumer.followCredential({ source, consumer: "c", isRefusal: consumer.isRefusedByPostgres, tell() {} });
    const user = await one.withCredential(async ({ username }) => username);
    await one.close();
    consumer.secretsManagerSource("orders/db", { region: "us-east-1" }).close();
    console.log(JSON.stringify({ user, names: Object.keys(consumer) }));
  `;
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(JSON.parse(printed)).toEqual({ user: "u", names: expect.arrayContaining(names) });
  expect(readFileSync(bundle, "utf8")).not.toContain("pg-protocol");
  expect(statSync(bundle).size).toBeGreaterThan(0);
});

test("its options are those that the code has, and the examples' variables too", () => {
  const rows = (part: string) =>
    [...part.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell = ""]) => cell.match(/\w+/g));
  const [library = "", example = ""] = readme.split("## The example applications");
  const code = readFileSync(join(ROOT, "consumer/follow.ts"), "utf8");
  const [, options = ""] = /export interface FollowOptions \{(.*?)\n\}/s.exec(code) ?? [];
  const named = [...options.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name);
  // These two are for tests.
  expect([...rows(library), "clock", "fraction"].sort()).toEqual(named.sort());

  const read = new Set<string>();
  for (const store of ["timestream", "dynamodb"]) {
    const get = (_: object, name: string) => {
      read.add(name);
      return name === "KEYTURN_TIME_SERIES" ? store : undefined;
    };
    for (const readSettings of [readExampleSettings, readTokenExampleSettings]) {
      expect(() => readSettings(new Proxy({}, { get }))).toThrow("The settings are not right");
    }
  }
  expect(rows(example).toSorted()).toEqual([...read].sort());
});
