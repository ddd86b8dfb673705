import { expect, test } from "vitest";
import { utc } from "../../../functions/telling/time.ts";
import { NOW } from "../support.ts";

test("a moment is told to the second, in UTC, whatever the time zone of whoever writes", () => {
  expect(utc(NOW + 999)).toBe("2026-11-20 03:00:00 UTC");
  expect(utc(0)).toBe("1970-01-01 00:00:00 UTC");
});
