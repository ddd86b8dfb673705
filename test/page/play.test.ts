import { expect, test } from "vitest";
import { actsFor, saidOf } from "../../operator/page/client/acts/outcome.ts";
import { progressOf, stateOf, wordsOf } from "../../operator/page/client/views/play/progress.ts";
import type { ExpectationRow, RunRow } from "../../operator/page/wire/plays.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
const row = (more: Partial<ExpectationRow>): ExpectationRow => ({ says: "", links: [], isDue: true, ...more });
const run = (...expectations: ExpectationRow[]): RunRow => ({
  ...{ number: 1, name: "tamper", title: "Tamper", startedAt: NOW },
  expectations,
});

test("how it stands with something that is to happen is said in words", () => {
  const said = (more: Partial<ExpectationRow>) => [progressOf(row(more), NOW), wordsOf(row(more), NOW)];
  expect(said({ metAt: NOW + 1000, by: NOW - 5 })).toEqual(["done", "done at 12:00:01 UTC"]);
  expect(said({ by: NOW + 5000 })).toEqual(["waits", "within 5 s"]);
  expect(said({ by: NOW })).toEqual(["waits", "within 1 s"]);
  expect(said({ by: NOW - 1000 })).toEqual(["late", "not yet: it was to come by 11:59:59 UTC"]);
  expect(said({})).toEqual(["yours", "yours to do"]);
  expect(said({ isDue: false, by: NOW - 1000 })).toEqual(["later", "after that"]);
});

test("a run is over when all has come, and what did not come in time is said first", () => {
  const done = row({ metAt: NOW });
  expect(stateOf(run(done, done), NOW).words).toBe("over");
  expect(stateOf(run(done, row({})), NOW).words).toBe("your turn");
  expect(stateOf(run(row({ by: NOW + 1 }), row({})), NOW).words).toBe("under way");
  expect(stateOf(run(row({ by: NOW - 1 }), row({ by: NOW + 1 })), NOW).tone).toBe("bad");
  expect(stateOf({ ...run(done), failed: "It broke off." }, NOW)).toEqual({ words: "broke off", tone: "bad" });
});

test("what came of an act is a sentence, with the execution that did it", () => {
  const execution = "arn:aws:states:eu-west-1:111122223333:execution:keyturn-rotation:x";
  const rotated = { subject: "a1b2c3", outcome: "ROTATED", said: "It holds a fresh key.", execution };
  expect(saidOf({ act: "rotate", results: [rotated] })).toEqual({
    ...{ words: "ROTATED. It holds a fresh key.", isBad: false, execution },
  });
  const failed = { subject: "a1b2c3", outcome: "MISMATCH", said: "Its proofs do not fit." };
  expect(saidOf({ act: "rotate", results: [failed] })).toEqual({
    words: "MISMATCH. Its proofs do not fit.",
    isBad: true,
  });
});

test("what a check found is good only where all were checked and sound", () => {
  const check = (verdict: string, counts: { checked: number; sound: number }) =>
    saidOf({ act: "check", execution: "arn", instances: [{ id: "a1b2c3", verdict }], ...counts });
  expect(check("MATCH", { checked: 1, sound: 1 })).toMatchObject({ words: "Checked: a1b2c3: MATCH.", isBad: false });
  expect(check("MISMATCH", { checked: 1, sound: 0 })).toMatchObject({ isBad: true });
  expect(saidOf({ act: "check", instances: [], checked: 0, sound: 0 })).toMatchObject({ isBad: true });
});

test("what can be done with an instance hangs on its status", () => {
  expect(actsFor("ACTIVE")).toEqual(["rotate", "check", "quarantine"]);
  expect(actsFor("QUARANTINED")).toEqual(["release", "check"]);
  expect(actsFor("RETIRED")).toEqual([]);
});
