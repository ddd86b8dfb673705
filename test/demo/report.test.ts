import { expect, test } from "vitest";
import { check } from "../../local/demo/check.ts";
import { isOk, table } from "../../local/demo/report.ts";

test("what was not seen as expected is wrong, and makes the whole wrong", () => {
  const checks = [check("keys turned", "5", "5"), check("mails", "0", "1")];
  expect(checks.map(({ ok }) => ok)).toEqual([true, false]);
  expect(isOk(checks)).toBe(false);
  expect(table(checks).split("\n")).toEqual([
    "       what         expected  seen",
    "ok     keys turned  5         5",
    "WRONG  mails        0         1",
  ]);
});

test("of nothing at all one cannot say that it came out right", () => {
  expect(isOk([])).toBe(false);
  expect(isOk([check("keys turned", "5", "5")])).toBe(true);
});
