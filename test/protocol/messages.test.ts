import { expect, test } from "vitest";
import { isHookName, VERDICTS } from "../../protocol/index.ts";

test.each(["50-reload_service.sh", "a".repeat(64)])("%s is a hook's name as a receipt has it", (name) => {
  expect(isHookName(name)).toBe(true);
});

test.each(["", "a".repeat(65), "reload service", "a/b", 5, undefined])("%s is none", (name) => {
  expect(isHookName(name)).toBe(false);
});

test("the verdicts are those that stand in records, and that agents are told", () => {
  const all = ["WAITING", "SUPERSEDED", "STALE", "MISMATCH", "CONFLICT", "MATCH_PENDING", "MATCH"];
  expect(VERDICTS).toEqual(all);
});
