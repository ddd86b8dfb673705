import { expect, test } from "vitest";
import { outcomeOf } from "../../operator/audit/details.ts";
import { pastOf } from "../../operator/audit/row.ts";
import { wellFormed } from "../../operator/reads/finding.ts";
import { finding } from "./support.ts";

test.each(["constructor", "__proto__"])("an act that somebody has called %s is counted as any other", (act) => {
  const line = { subject: "a1b2c3", n: 1, timeMs: 5, act, details: "{}", previous: "", digest: "" };
  const { others } = pastOf({ subject: "a1b2c3", lines: [line] }, { from: 0, to: 9 });
  expect(Object.entries(others)).toEqual([[act, 1]]);
});

test("a detail that somebody has called as what every object has is shown by its name", () => {
  expect(outcomeOf({ constructor: "x" } as never)).toBe("constructor x");
});

test("a finding without facts, with what is no moment, can be shown", () => {
  const altered = { ...finding({ subject: "a1b2c3", cause: "STALE" }), facts: undefined, since: "x", endedAt: 1e300 };
  expect(wellFormed(altered as never)).toMatchObject({ facts: {}, since: 0 });
  expect(wellFormed(altered as never)).not.toHaveProperty("endedAt");
});
