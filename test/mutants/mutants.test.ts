import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AREAS, filesOf } from "./areas.ts";
import { changed } from "./change.ts";
import { expressionChanges } from "./expressions.ts";
import { reportOf } from "./report.ts";
import { Results } from "./results.ts";
import { sourceMutantsOf } from "./source-mutants.ts";
import { Tests } from "./tests.ts";

const namesOf = (text: string) => sourceMutantsOf("a.ts", text).map(({ name }) => name.replace("a.ts, ", ""));

describe("what is altered of a source", () => {
  test.each<[string, string[]]>([
    [
      "function f(a: number) { return a < 2; }",
      [
        "f: f(a: number) { return a < 2; } → f(a: number) { return a <= 2; }",
        "f: f(a: number) { return a < 2; } → f(a: number) { return a > 2; }",
        "f: 2 → 3",
      ],
    ],
    ["const f = (a: X) => a.b && c(a);", ["f: a.b && c(a) → a.b", "f: a.b && c(a) → c(a)"]],
    ["function f() { if (a === b) return; }", ["f: a === b → true", "f: a === b → false", "f: return; → ;"]],
    ["const actions = ['x:A', 'x:B'];", ["actions: 'x:A', →", "actions: , 'x:B' →"]],
    [
      "const f = () => { call(a?.b); };",
      ["f: call(a?.b); → ;", "f: const f = () => { call(a?.b); }; → const f = () => { call(a.b); };"],
    ],
    ["const f = () => a ?? b;", ["f: a ?? b → a"]],
    ["const f = () => !a;", ["f: !a → a"]],
    ["const f = () => ({ a: true, ...b });", ["f: , ...b →", "f: true → false"]],
    ["const f = () => list.filter(good);", ["f: list.filter(good) → list"]],
    [
      "const f = () => /^a$/.test(b);",
      [
        "f: const f = () => /^a$/.test(b); → const f = () => /a$/.test(b);",
        "f: const f = () => /^a$/.test(b); → const f = () => /^a/.test(b);",
      ],
    ],
  ])("%s", (text, names) => expect(namesOf(text)).toEqual(names));

  test.each([
    ["types", "interface A { b: 'c' | 'd' } type E = 1 | 2; export type { A };"],
    ["imports", "import { a } from 'b'; export { c } from './d.ts';"],
    ["what is logged", "const f = () => { log.error(`no ${a}`, { b: c(1) }); };"],
    ["messages of errors", "const f = () => { return new Failure(`no ${a}`); };"],
    ["figures that have a name", "const LIMIT_MS = 60_000;"],
    ["keys", "const f = { 'a-b': c };"],
  ])("nothing of %s", (_, text) => expect(namesOf(text).filter((name) => !name.includes("a-b"))).toEqual([]));

  test("two that read alike have different names, and a name stays when lines come before", () => {
    const text = "const f = () => { g(); g(); };";
    const names = namesOf(text);
    expect(names).toEqual(["f: g(); → ;", "f: g(); → ; (2)"]);
    expect(namesOf(`const other = a;\n\n${text}`)).toEqual(names);
  });
});

describe("what is altered of an expression of DynamoDB", () => {
  const all = (text: string) => expressionChanges(text).map((change) => changed(text, change));

  test("a clause holds always where all have to, never where one has to, and a comparison is another", () => {
    expect(all("#a = :a AND (#b < :b OR attribute_exists(#b))")).toEqual([
      "(#a = :a OR NOT (#a = :a)) AND (#b < :b OR attribute_exists(#b))",
      "#a = :a AND ((#b < :b OR attribute_exists(#b)) OR NOT (#b < :b OR attribute_exists(#b)))",
      "#a = :a AND ((#b < :b AND NOT (#b < :b)) OR attribute_exists(#b))",
      "#a = :a AND (#b < :b OR (attribute_exists(#b) AND NOT (attribute_exists(#b))))",
      "#a <> :a AND (#b < :b OR attribute_exists(#b))",
      "#a = :a AND (#b <= :b OR attribute_exists(#b))",
      "#a = :a AND (#b > :b OR attribute_exists(#b))",
      "#a = :a AND (#b < :b OR attribute_not_exists(#b))",
    ]);
  });

  test("what is set is set elsewhere, and what is removed stays", () => {
    expect(all("SET #a = :a, #b.#c = f(:b, :c) REMOVE #d, #e")).toEqual([
      "SET #aElsewhere = :a, #b.#c = f(:b, :c) REMOVE #d, #e",
      "SET #a = :a, #b.#cElsewhere = f(:b, :c) REMOVE #d, #e",
      "SET #a = :a, #b.#c = f(:b, :c) REMOVE #e",
      "SET #a = :a, #b.#c = f(:b, :c) REMOVE #d",
    ]);
  });

  test("what a template fills in is left whole", () => {
    expect(all("${same(a, b)} AND #c = :c")).toContain("(${same(a, b)} OR NOT (${same(a, b)})) AND #c = :c");
  });
});

describe("tests over altered files", () => {
  const root = mkdtempSync(join(tmpdir(), "keyturn-mutants-"));
  const file = "larger.ts";
  const text = "export const isLarger = (a: number, b: number) => a > b;\n";
  const seen = "larger.test.ts";
  let tests: Tests;
  beforeAll(async () => {
    writeFileSync(join(root, file), text);
    const test = "import { expect, test } from 'vitest'; import { isLarger } from './larger.ts';";
    writeFileSync(join(root, seen), `${test} test('3 is larger than 2', () => expect(isLarger(3, 2)).toBe(true));`);
    writeFileSync(join(root, "other.test.ts"), "import { test } from 'vitest'; test('nothing', () => {});");
    tests = await Tests.open(root);
  });
  afterAll(async () => {
    await tests.close();
    rmSync(root, { recursive: true });
  });

  test("one mutant is killed, one survives, and the file is as it was", async () => {
    expect(await tests.run([seen, "other.test.ts"])).toMatchObject({ took: { [seen]: expect.any(Number) } });
    expect(tests.loading(file, [seen, "other.test.ts"])).toEqual([seen]);
    const ends: Record<string, string | undefined> = {};
    for (const mutant of sourceMutantsOf(file, text)) {
      tests.alter({ [file]: mutant.text });
      ends[mutant.text.slice(-9, -2)] = (await tests.run([seen])).failure;
    }
    expect(ends).toEqual({ " a >= b": undefined, "> a < b": "larger.test.ts: 3 is larger than 2" });
    tests.alter({});
    expect((await tests.run([seen])).failure).toBeUndefined();
  });
});

describe("results", () => {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-mutants-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("what was killed stays so until the mutant is another; what lived is tried again", () => {
    const file = join(folder, "results.jsonl");
    const result = { area: "judge", place: "a.ts:1" };
    const before = new Results(file);
    before.note({ ...result, name: "killed", end: "killed", by: "a test" }, "text");
    before.note({ ...result, name: "survived", end: "survived" }, "text");
    writeFileSync(file, '{"name":"half', { flag: "a" });
    const results = new Results(file);
    expect(results.find("killed", "text")).toEqual({ ...result, name: "killed", end: "killed", by: "a test" });
    expect(results.find("killed", "another text")).toBeUndefined();
    expect(results.find("survived", "text")).toBeUndefined();
  });

  test("a report counts by area, names survivors that are not listed, and what is listed but killed", () => {
    const listed = "rotation PushToInstance: Output removed";
    const flow = { area: "flows", place: "rotation.asl.yaml" };
    const all = reportOf(
      [
        { ...flow, name: listed, end: "survived" },
        { ...flow, name: "rotation A: Next → B", end: "killed" },
        { ...flow, name: "rotation A: Next → C", end: "refused" },
        { area: "judge", name: "j.ts, judge: 1 → 2", place: "j.ts:7", end: "survived" },
      ],
      ["flows"],
    );
    expect(all.isGood).toBe(false);
    const lines = all.text.split("\n").map((line) => line.trim().split(/\s{2,}/));
    expect(lines).toContainEqual(["flows", "2", "1", "0", "1", "0", "1", "1", "50.0 %", "100.0 %"]);
    expect(lines).toContainEqual(["all", "3", "1", "0", "2", "0", "1", "1", "33.3 %", "50.0 %"]);
    expect(all.text).toContain("survived: j.ts:7 j.ts, judge: 1 → 2");
    expect(all.text).not.toContain(`survived: rotation.asl.yaml ${listed}`);
    expect(all.text).toContain("it is seen now or is not there any more: registration NotifySns: Output removed");
  });
});

test("every area has files and tests", () => {
  for (const { files, tests } of AREAS) {
    for (const glob of [...files, ...tests]) expect(filesOf([glob]).length, glob).toBeGreaterThan(0);
  }
});
