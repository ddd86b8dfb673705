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
  const kept = keptSightings(lastSightings(flood, named, [formerUse]), AT);
  expect(kept).toHaveLength(MOST_SIGHTINGS);
  for (const one of [...named, formerUse]) expect(kept).toContainEqual(one);
  expect(kept).toEqual(lastSightings(kept));
  // The oldest are the ones that go.
  expect(kept.filter(({ user, consumer }) => user === "orders_b" && consumer !== "pool")).toEqual(
    flood.slice(0, MOST_SIGHTINGS - 3),
  );
});
