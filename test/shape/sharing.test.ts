import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { SHARING } from "../sharing.ts";
import { ROOT } from "./sources.ts";

const IMPORTED = /^(?:import|export) [^;]*?from "(\.[^"]+\.ts)";/gms;
const HOOK = /^(?:before|after)(?:All|Each)\(/m;

/** What a file imports from here, and what that imports, and so on. */
function importedBy(file: string, found = new Set<string>()): Set<string> {
  for (const [, path = ""] of readFileSync(file, "utf8").matchAll(IMPORTED)) {
    const imported = join(dirname(file), path);
    if (found.has(imported)) continue;
    found.add(imported);
    importedBy(imported, found);
  }
  return found;
}

test("what files that share a process import sets up nothing by itself: it is loaded once, for the first of them", () => {
  const files = globSync(SHARING, { cwd: ROOT }).map((file) => join(ROOT, file));
  expect(files.length).toBeGreaterThan(200);
  const imported = new Set(files.flatMap((file) => [...importedBy(file)]));
  const hooked = [...imported].filter((file) => HOOK.test(readFileSync(file, "utf8")));
  const sentence = "Have the files call a function for it, or leave them out in test/sharing.ts";
  expect(
    hooked.map((file) => relative(ROOT, file)),
    sentence,
  ).toEqual([]);
});
