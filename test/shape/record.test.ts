import { expect, test } from "vitest";
import { read } from "./sources.ts";

const RECORD = "functions/record/record.ts";
const SUITE = "test/functions/clients/registry.suite.ts";

test("every field of a record goes through the suite that all registries pass", () => {
  const record = read(RECORD);
  const fields = ["InstanceRecord extends Audited", "Audited"].flatMap((name) => {
    const [, body = ""] = new RegExp(`^export interface ${name} \\{\\n(.*?)^\\}`, "ms").exec(record) ?? [];
    expect(body, `${RECORD} has no interface ${name} any more: name here what a record is made of`).not.toBe("");
    return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, field]) => field ?? "");
  });
  expect(fields.length).toBeGreaterThan(10);
  const suite = read(SUITE);
  const untold = fields.filter((field) => !new RegExp(`\\b${field}\\b`).test(suite));
  const message = `The fake and DynamoDB must keep a field alike: write it and read it back in ${SUITE}; see docs/changing.md`;
  expect(untold, message).toEqual([]);
});
