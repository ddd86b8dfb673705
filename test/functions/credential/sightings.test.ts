import { expect, test } from "vitest";
import type { Sighting } from "../../../functions/credential/record.ts";
import { keptForMs, keptSightings, lastSightings, MOST_SIGHTINGS } from "../../../functions/credential/sightings.ts";
import { NOW } from "../support.ts";
import { CREDENTIAL, DEADLINE_MS, QUIET_MS } from "./support.ts";

const A_DAY_MS = 24 * 3600 * 1000;
const AT = { now: NOW, former: "orders_a", credential: CREDENTIAL };

function sighting(changes: Partial<Sighting> = {}): Sighting {
  return { consumer: "web", user: "orders_a", at: NOW, by: "sessions", address: "10.0.0.4", ...changes };
}

test("of each consumer with each user at each place, the last sighting stands, newest first", () => {
  const others = [
    sighting({ at: NOW - 2, user: "orders_b" }),
    sighting({ at: NOW - 3, address: "10.0.0.5" }),
    sighting({ at: NOW - 4, by: "proofs" }),
    sighting({ at: NOW - 5, consumer: "pool" }),
  ];
  const older = sighting({ at: NOW - 9 });
  const newer = sighting({ at: NOW - 1 });
  expect(lastSightings([older, ...others], [newer])).toEqual([newer, ...others]);
  expect(lastSightings([newer], [...others.toReversed(), older])).toEqual([newer, ...others]);
});

test("what is too old to be of use goes, apart from the last of named consumers with each user", () => {
  const oldest = NOW - keptForMs(CREDENTIAL);
  const stays = [
    sighting({ consumer: "psql", at: oldest }),
    sighting({ at: oldest - 1 }),
    sighting({ at: oldest - 3, user: "orders_b" }),
  ];
  const goes = [
    sighting({ consumer: "psql", address: "10.0.0.5", at: oldest - 1 }),
    sighting({ address: "10.0.0.5", at: oldest - 2 }),
  ];
  expect(keptSightings(lastSightings(stays, goes), AT)).toEqual(stays);
});

test("it is of use until the deadline or for a day, and the quiet time after that", () => {
  expect(keptForMs(CREDENTIAL)).toBe(DEADLINE_MS + QUIET_MS);
  expect(keptForMs({ quietSeconds: 5, deadlineSeconds: 30 })).toBe(A_DAY_MS + 5_000);
  expect(keptForMs({ quietSeconds: 5, deadlineSeconds: 200_000 })).toBe(200_005_000);
  expect(keptForMs({ quietSeconds: 200_000, deadlineSeconds: 30 })).toBe(400_000_000);
});

test("a flood of names drives out no named consumer, and on the user in force none that uses the former one", () => {
  const named = [sighting({ at: NOW - 7 }), sighting({ consumer: "pool", user: "orders_b", at: NOW - 8 })];
  const formerUse = sighting({ consumer: "psql", at: NOW - 9 });
  const flood = Array.from({ length: 2 * MOST_SIGHTINGS }, (_, n) =>
    sighting({ consumer: `x${n}`, user: "orders_b", at: NOW - n / 1000 }),
  );
  // The oldest of the others are the ones that go.
  const expected = [...flood.slice(0, MOST_SIGHTINGS - 1), ...named, formerUse];
  expect(keptSightings(lastSightings(flood, named, [formerUse]), AT)).toEqual(expected);
});

test("many named consumers leave room for others", () => {
  const consumers = Array.from({ length: MOST_SIGHTINGS + 1 }, (_, n) => ({
    name: `c${n}`,
    seenBy: "proofs" as const,
  }));
  const named = consumers.map(({ name }) => sighting({ consumer: name }));
  const formerUse = sighting({ consumer: "psql", at: NOW - 9 });
  const many = { ...AT, credential: { ...CREDENTIAL, consumers } };
  expect(keptSightings(lastSightings(named, [formerUse]), many)).toEqual(lastSightings(named, [formerUse]));
});
