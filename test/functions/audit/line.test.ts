import fc from "fast-check";
import { expect, test } from "vitest";
import { lineOf } from "../../../functions/audit/line.ts";
import { auditDigest } from "../../../protocol/index.ts";
import { EXECUTION, ID, NOW } from "../support.ts";

test("a line has its act, its moment, and its details in order, as the text that is stored", () => {
  expect(lineOf("failed", NOW, { what: "STALE", generation: 3, step: "VerifyHash" })).toEqual({
    ...{ act: "failed", timeMs: NOW },
    details: '{"generation":3,"step":"VerifyHash","what":"STALE"}',
  });
});

test("details in another order are the same line", () => {
  const one = lineOf("retired", NOW, { why: "it is gone", successor: "ffffff" });
  expect(lineOf("retired", NOW, { successor: "ffffff", why: "it is gone" })).toEqual(one);
});

test("what is not known or was not said is left out, and a zero is not", () => {
  const details = { reason: "", requestedBy: undefined, looks: 0 };
  expect(lineOf("quarantined", NOW, details).details).toBe('{"looks":0}');
  expect(lineOf("released", NOW, {}).details).toBe("{}");
});

test("an execution is named as the record names it, by its ARN or its name", () => {
  for (const execution of [EXECUTION, "0a1b2c-1"]) {
    expect(lineOf("promoted", NOW, { execution }).details).toBe('{"execution":"0a1b2c-1"}');
  }
});

test("whatever the details are, a line of them has a digest, and they can be read back", () => {
  const text = fc.string({ unit: "binary", maxLength: 50 });
  fc.assert(
    fc.property(fc.dictionary(text, text), (details) => {
      const line = lineOf("failed", NOW, details);
      const { execution: _, ...said } = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== ""));
      expect(JSON.parse(String(line.details))).toMatchObject(said);
      const stored = { subject: ID, n: 1, previous: "", act: line.act, timeMs: line.timeMs };
      expect(auditDigest({ ...stored, details: String(line.details) })).toMatch(/^[0-9a-f]{64}$/);
    }),
  );
});
