import { expect, test } from "vitest";
import type { Life } from "../../../functions/credential/record.ts";
import { waitedUntil } from "../../../functions/credential/waited-until.ts";
import { NOW } from "../support.ts";

const A_DAY_MS = 24 * 3_600_000;
/** From one day to another, counted from now. */
const life = (from: number, to: number): Life => ({ from: NOW + from * A_DAY_MS, to: NOW + to * A_DAY_MS });

function until({ now, former, forced }: { now?: Life; former?: Life | undefined; forced?: true }): number | undefined {
  const promoted = { versionId: "b", user: "token_b", since: NOW, execution: "one" };
  const predecessor = { versionId: "a", user: "token_a", announced: [] };
  const ends = waitedUntil({
    current: { ...promoted, ...(now && { life: now }) },
    predecessor: { ...predecessor, ...(former && { life: former }), ...(forced && { forced }) },
  });
  return ends === undefined ? undefined : (ends - NOW) / A_DAY_MS;
}

test("consumers are waited for until the former token ends by itself", () => {
  expect(until({ now: life(0, 30), former: life(-15, 15) })).toBe(15);
});

test("no longer than for most of the current one's life, where the former one is as good, or nobody knows how long it is", () => {
  expect(until({ now: life(0, 30), former: life(-1, 29) })).toBe(22.5);
  expect(until({ now: life(0, 10), former: life(-1, 29) })).toBe(7.5);
  expect(until({ now: life(0, 30) })).toBe(22.5);
});

test("not at all, where its end was asked for", () => {
  expect(until({ now: life(0, 30), former: life(-1, 29), forced: true })).toBe(0);
});

test("as long as it takes, where there is no token, or none before it", () => {
  expect(until({})).toBeUndefined();
  const current = { versionId: "b", user: "token_b", since: NOW, execution: "one", life: life(0, 30) };
  expect(waitedUntil({ current })).toBeUndefined();
});
