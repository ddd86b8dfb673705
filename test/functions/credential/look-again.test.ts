import { expect, test } from "vitest";
import { lookAgainInSeconds } from "../../../functions/credential/look-again.ts";
import { NOW } from "../support.ts";

const SIX_HOURS = 6 * 3600;
const SETTINGS = { quietSeconds: 800, deadlineSeconds: 86_400 };
const again = (look: Partial<Parameters<typeof lookAgainInSeconds>[0]>, settings = SETTINGS) =>
  lookAgainInSeconds({ waits: 0, now: NOW, since: NOW, ...look }, settings);

test("each look comes later than the one before, by whole seconds", () => {
  expect([0, 1, 2, 3].map((waits) => again({ waits }))).toEqual([100, 140, 196, 275]);
});

test("no wait is longer than six hours, or ends after the deadline", () => {
  expect(again({ waits: 30 }, { ...SETTINGS, deadlineSeconds: 10 ** 6 })).toBe(SIX_HOURS);
  expect(again({ waits: 30, since: NOW - 86_000_000 })).toBe(400);
  expect(again({ waits: 0, since: undefined }, { ...SETTINGS, deadlineSeconds: 20 })).toBe(20);
});

test("there is a second between two looks, whatever else", () => {
  expect(again({ waits: 0 }, { ...SETTINGS, quietSeconds: 5 })).toBe(1);
  expect(again({ since: NOW - 86_400_000 })).toBe(1);
  expect(again({ quietUntil: NOW })).toBe(1);
});

test("where only quiet is missing, the look comes when it can be over, and no earlier", () => {
  expect(again({ waits: 9, quietUntil: NOW + 77_001 })).toBe(78);
  // Although the deadline is over before that: then all will have moved.
  expect(again({ since: NOW - 86_300_000, quietUntil: NOW + 700_000 })).toBe(700);
});

test("it is looked when a former token has ended, if that comes earlier", () => {
  expect(again({ endsAt: NOW + 50_400 })).toBe(51);
  expect(again({ endsAt: NOW + 500_000 })).toBe(100);
  expect(again({ quietUntil: NOW + 90_000, endsAt: NOW + 50_000 })).toBe(50);
  expect(again({ endsAt: NOW - 1000 })).toBe(1);
});
