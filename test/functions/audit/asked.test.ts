import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { claimed } from "../../../functions/audit/asked.ts";

const NOTHING = { requestedBy: undefined, trigger: undefined, run: undefined, reason: undefined };

test("an input claims who asked, by what, in which run, and why", () => {
  const input = { id: "0a1b2c", requestedBy: "Ann", trigger: "schedule", run: "run-7", reason: "a leak", other: "x" };
  expect(claimed(input)).toEqual({ requestedBy: "Ann", trigger: "schedule", run: "run-7", reason: "a leak" });
});

test("of an event, its detail claims who asked, and nothing else", () => {
  const detail = { id: "0a1b2c", requestedBy: "Ann", trigger: "schedule", run: "run-7" };
  expect(claimed({ id: "0a1b2c", trigger: "event", detail })).toEqual({
    ...NOTHING,
    ...{ requestedBy: "Ann", trigger: "event" },
  });
  expect(claimed({ requestedBy: "Bob", detail }).requestedBy).toBe("Bob");
});

test.each([
  ...[undefined, null, 7, true, "requestedBy", [], ["Ann"], {}],
  ...[{ detail: null }, { detail: "Ann" }, { detail: [] }, { requestedBy: { name: "Ann" } }, { run: 7, trigger: null }],
])("%j claims nothing", (input) => {
  expect(claimed(input)).toEqual(NOTHING);
});

describe("what is claimed is a line at the most, of 200 characters", () => {
  test.each([
    ["a line of its own", "Ann\nretired: no", "Ann?retired: no"],
    ["another line's end", "Ann\u2028\u2029\r", "Ann???"],
    ["a terminal's commands", "\u001b[31mAnn\u0007", "?[31mAnn?"],
    ["text that runs backwards", "\u202enna", "?nna"],
    ["what cannot be seen", "A\u200bn\u00adn\ufeff", "A?n?n?"],
    ["half a character", "A\ud83d", "A?"],
    ["any writing", "Schlüssel 鍵 🔑", "Schlüssel 鍵 🔑"],
    ["200 characters", "x".repeat(200), "x".repeat(200)],
    ["201 characters", "x".repeat(201), "x".repeat(200)],
    ["a character that the cut goes through", `${"x".repeat(199)}🔑`, `${"x".repeat(199)}?`],
  ])("%s", (_, given, kept) => {
    expect(claimed({ requestedBy: given, trigger: given, run: given, reason: given })).toEqual({
      ...{ requestedBy: kept, trigger: kept, run: kept, reason: kept },
    });
    expect(claimed({ detail: { requestedBy: given } }).requestedBy).toBe(kept);
  });
});

test("whatever an execution was started with, its claims are readable texts", () => {
  fc.assert(
    fc.property(fc.anything(), fc.string({ unit: "binary" }), (input, text) => {
      for (const given of [input, { requestedBy: input, trigger: input, detail: input }, { requestedBy: text }]) {
        for (const claim of Object.values(claimed(given))) {
          expect(claim ?? "").toMatch(/^[^\p{C}\p{Zl}\p{Zp}]{0,200}$/u);
        }
      }
    }),
  );
});
