import { expect, test } from "vitest";
import { isUrgent } from "../../../functions/credential/is-urgent.ts";
import { NOW } from "../support.ts";

const promoted = { versionId: "b", user: "token_b", since: NOW, execution: "one" };

test("a token is turned whoever is behind once three quarters of its life are over", () => {
  const current = { ...promoted, life: { from: NOW, to: NOW + 4000 } };
  expect([0, 2999, 3000, 9000].map((ms) => isUrgent({ current }, NOW + ms))).toEqual([false, false, true, true]);
});

test("what has no end is never urgent", () => {
  expect(isUrgent({ current: promoted }, NOW + 10 ** 12)).toBe(false);
  expect(isUrgent({}, NOW)).toBe(false);
});
