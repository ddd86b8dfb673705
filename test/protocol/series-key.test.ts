import fc from "fast-check";
import { expect, test } from "vitest";
import { seriesKey, timeOfSeriesKey } from "../../protocol/index.ts";

const times = fc.integer({ min: 0, max: 9_999_999_999_999 });
const ids = fc.stringMatching(/^[0-9a-f]{6}$/);

test("keys of an ID are in the order of their times, and each says its own", () => {
  fc.assert(
    fc.property(ids, times, times, (id, one, other) => {
      const [first, second] = [seriesKey({ id, timeMs: one }), seriesKey({ id, timeMs: other })];
      expect(first < second).toBe(one < other);
      expect(timeOfSeriesKey(first)).toBe(one);
    }),
  );
});

test("a window that begins before 1970, or never ends, has keys too", () => {
  expect(seriesKey({ id: "0a1b2c", timeMs: -1 })).toBe("0a1b2c#0000000000000");
  expect(seriesKey({ id: "0a1b2c", timeMs: Number.MAX_SAFE_INTEGER })).toBe("0a1b2c#9999999999999");
  expect(seriesKey({ id: "0a1b2c", timeMs: 1.5 })).toBe("0a1b2c#0000000000001");
});

test.each([
  "0a1b2c#1763596800123.5",
  "0a1b2c#17635968001230",
  "0a1b2c#176359680012",
  "0a1b2c#-763596800123",
  "0a1b2c#1e30000000000",
  "0A1B2C#1763596800123",
  "0a1b2c#1763596800123\n",
  "1763596800123",
  "",
  1763596800123,
  null,
  undefined,
])("%j is no sample's key", (key) => expect(timeOfSeriesKey(key)).toBeUndefined());
