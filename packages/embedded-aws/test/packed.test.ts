import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const PACKAGE = join(import.meta.dirname, "..");
const WORKSPACE = join(PACKAGE, "../..");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "packed-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Packs a copy of the package, so that whoever runs from source at the same time finds its manifest as it is. */
function pack(): string {
  const copy = join(folder, "workspace/packages/embedded-aws");
  for (const name of readdirSync(PACKAGE)) {
    if (!["node_modules", "dist", "test"].includes(name))
      cpSync(join(PACKAGE, name), join(copy, name), { recursive: true });
  }
  cpSync(join(WORKSPACE, "tsconfig.json"), join(folder, "workspace/tsconfig.json"));
  symlinkSync(join(WORKSPACE, "node_modules"), join(folder, "workspace/node_modules"));
  const manifest = readFileSync(join(copy, "package.json"), "utf8");
  execFileSync("npm", ["pack", "--pack-destination", folder], { cwd: copy, stdio: "pipe" });
  expect(readFileSync(join(copy, "package.json"), "utf8")).toBe(manifest);
  const [tarball, ...others] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  expect(others).toEqual([]);
  return join(folder, tarball ?? "");
}

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

  const tarball = pack();
  const empty = join(folder, "empty");
  mkdirSync(empty);
  writeFileSync(join(empty, "package.json"), "{}");
  const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball];
  execFileSync("npm", install, { cwd: empty, stdio: "pipe" });
  expect(readdirSync(join(empty, "node_modules/embedded-aws")).sort()).toEqual([
    "LICENSE",
    "README.md",
    "dist",
    "package.json",
  ]);
  writeFileSync(join(empty, "try.mjs"), lines);
  expect(execFileSync(process.execPath, ["try.mjs"], { cwd: empty, encoding: "utf8" })).toBe(`${printed}\n`);
});
