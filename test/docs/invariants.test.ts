import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { OF_CREDENTIALS } from "../harness/credential-invariants.ts";
import { AT_EVERY_MOMENT, AT_THE_END } from "../harness/invariants.ts";

const text = readFileSync("docs/invariants.md", "utf8");
const rows = text.split("\n").filter((line) => line.startsWith("| "));

test("each test that the page names is in the file that it names", () => {
  const named = rows.flatMap((row) => [...row.matchAll(/\*([^*]+)\* in \[[^\]]+\]\(\.\.\/([^)]+)\)/g)]);
  expect(named.length).toBeGreaterThan(12);
  const missing = named.filter(([, name, file = ""]) => !readFileSync(file, "utf8").includes(`"${name}"`));
  expect(missing.map(([, name, file]) => `${name} in ${file}`)).toEqual([]);
});

test("each invariant of the harness that the page names stands there by that name", () => {
  const names = [...AT_EVERY_MOMENT, ...AT_THE_END, ...OF_CREDENTIALS].map(({ name }) => name);
  const claims = rows.slice(
    0,
    rows.findIndex((row) => row.includes("shown by")),
  );
  const cells = claims.map((row) => row.split(" | ")[1] ?? "");
  const quoted = cells.flatMap((cell) => [...cell.matchAll(/\*([^*]+)\*( in \[)?/g)]);
  // What names its file is in the test above.
  const named = quoted.filter(([, , file]) => file === undefined).map(([, name]) => name);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((name) => !names.includes(name ?? ""))).toEqual([]);
});

test("each call that the page says is struck is one that is made by that name", () => {
  const neighbours = readFileSync("functions/clients/registry.ts", "utf8");
  const struck = [...text.matchAll(/`registry\.(\w+)`/g)].map(([, name]) => name);
  expect(struck.length).toBeGreaterThan(3);
  const methods = `${neighbours}${readFileSync("functions/clients/key-writes.ts", "utf8")}`;
  expect(struck.filter((name) => !new RegExp(`\\b${name}\\(`).test(methods))).toEqual([]);
});
