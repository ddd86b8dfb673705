import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const PACKAGE = join(import.meta.dirname, "..");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "packed-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Packs the package; where the tarball lies. */
function pack(): string {
  execFileSync(process.execPath, [join(PACKAGE, "pack.mjs")], { cwd: folder, stdio: "pipe" });
  const [tarball, ...others] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  expect(others).toEqual([]);
  return join(folder, tarball ?? "");
}

/** When the package's folder, or its manifest, was last written to. */
const written = () => [PACKAGE, join(PACKAGE, "package.json")].map((path) => statSync(path).mtimeMs);

test("packed and installed in an empty folder, the lines of the README run", { timeout: 240_000 }, () => {
  const readme = readFileSync(join(PACKAGE, "README.md"), "utf8");
  const lines = /```js\n(.*?)```/s.exec(readme)?.[1] ?? "";
  expect(
    lines
      .trim()
      .split("\n")
      .filter((line) => line !== "").length,
  ).toBeLessThanOrEqual(20);
  const [, printed] = /It prints `(.+?)`\./.exec(readme) ?? [];

  const before = written();
  const tarball = pack();
  expect(written(), "Make in a temporary folder what pack.mjs needs: whoever interrupts it keeps the rest").toEqual(
    before,
  );
  const empty = join(folder, "empty");
  mkdirSync(empty);
  writeFileSync(join(empty, "package.json"), "{}");
  const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball];
  execFileSync("npm", install, { cwd: empty, stdio: "pipe" });
  const installed = join(empty, "node_modules/embedded-aws");
  expect(readdirSync(installed).sort()).toEqual(["LICENSE", "README.md", "dist", "package.json"]);
  const links = Array.from(readme.matchAll(/\]\(([^)#\s]+)/g), ([, path = ""]) => path);
  expect(
    links.filter((path) => !/^[a-z]+:/.test(path) && !existsSync(join(installed, path))),
    "README.md links to what is not packed: say it in words",
  ).toEqual([]);
  writeFileSync(join(empty, "try.mjs"), lines);
  expect(execFileSync(process.execPath, ["try.mjs"], { cwd: empty, encoding: "utf8" })).toBe(`${printed}\n`);
});

test("npm pack itself is refused, with what to run instead", () => {
  const { status, stdout, stderr } = spawnSync("npm", ["pack", "--pack-destination", folder], {
    cwd: PACKAGE,
    encoding: "utf8",
  });
  expect(status).not.toBe(0);
  expect(stdout + stderr).toContain("Run: node pack.mjs");
});
