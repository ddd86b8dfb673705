import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { contextFile } from "../../../infra/deploy/context-file.ts";

const folder = mkdtempSync(join(tmpdir(), "keyturn-context-"));
const path = join(folder, "cdk.context.json");
const file = contextFile(pathToFileURL(path));
beforeEach(() => rmSync(path, { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

describe("cdk.context.json", () => {
  test("is made by the first answer, and keeps what CDK has in it", () => {
    expect(file.read("one")).toBeUndefined();
    file.write("one", "dynamodb");
    expect(readFileSync(path, "utf8")).toBe('{\n  "one": "dynamodb"\n}\n');
    writeFileSync(path, '{"availability-zones:account=1":["a"],"one":"dynamodb"}');
    file.write("two", "timestream");
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      "availability-zones:account=1": ["a"],
      ...{ one: "dynamodb", two: "timestream" },
    });
    expect(file.read("two")).toBe("timestream");
  });

  test("that is broken is one sentence", () => {
    writeFileSync(path, "{");
    expect(() => file.read("one")).toThrow(/^cdk\.context\.json cannot be read: [^\n]+$/);
    for (const text of ["null", "[]", "5"]) {
      writeFileSync(path, text);
      expect(() => file.read("one")).toThrow(/^cdk\.context\.json cannot be read: it must be [^\n]+$/);
      expect(() => file.write("one", "dynamodb")).toThrow(/^cdk\.context\.json cannot be read/);
    }
  });

  test("that cannot be written is one sentence", () => {
    const nowhere = contextFile(pathToFileURL(join(folder, "none", "cdk.context.json")));
    expect(() => nowhere.write("one", "dynamodb")).toThrow(/^cdk\.context\.json cannot be written: [^\n]+$/);
  });
});
