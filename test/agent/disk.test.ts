import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { replaceFile, systemDisk } from "../../agent/disk.ts";
import { Failure } from "../../agent/failure.ts";
import { wayOut } from "../../agent/way-out.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-disk-"));
  path = join(folder, "key.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a file that is replaced", () => {
  test("is not written through a link that somebody has put where its next text goes", async () => {
    const elsewhere = join(folder, "elsewhere");
    writeFileSync(elsewhere, "as it was");
    symlinkSync(elsewhere, `${path}.next`);
    await replaceFile(systemDisk, path, "the key");
    expect(readFileSync(elsewhere, "utf8")).toBe("as it was");
    expect(readFileSync(path, "utf8")).toBe("the key");
    expect(readdirSync(folder).sort()).toEqual(["elsewhere", "key.json"]);
  });

  test("is for its owner alone, whatever lay there before", async () => {
    writeFileSync(`${path}.next`, "left by a death", { mode: 0o644 });
    await replaceFile(systemDisk, path, "the key");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("leaves nothing beside it when it cannot take its place, and says so", async () => {
    mkdirSync(join(path, "in-the-way"), { recursive: true });
    const written = replaceFile(systemDisk, path, "the key");
    await expect(written).rejects.toThrow(Failure);
    await expect(written).rejects.toThrow(/^Cannot replace .*key\.json: .* Something lies there/);
    expect(existsSync(`${path}.next`)).toBe(false);
  });
});

test.each([
  ["ENOSPC", "The disk is full"],
  ["EDQUOT", "The disk is full"],
  ["EROFS", "read-only"],
  ["EACCES", "the user who owns the folder"],
])("for %s there is a way out", (code, sentence) => {
  expect(wayOut(code)).toContain(sentence);
});
