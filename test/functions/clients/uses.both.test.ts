import { describe, expect, test } from "vitest";
import { usesInBoth } from "../../../functions/clients/uses.both.ts";
import { fakeUses } from "../../../functions/clients/uses.fake.ts";
import { EC2, hex64Of, NOW } from "../support.ts";
import { usesHalfInEach, usesSuite, type WrittenUses } from "./uses.suite.ts";

function written(most?: number): WrittenUses {
  const uses = fakeUses(most);
  return { uses, write: uses.write };
}

describe("uses in two stores", () => usesSuite((most) => usesHalfInEach(written(most), written(most))));
describe("uses in two stores, all in the one", () =>
  usesSuite((most) => {
    const { uses, write } = written(most);
    return { uses: usesInBoth(uses, fakeUses()), write };
  }));
describe("uses in two stores, all in the other", () =>
  usesSuite((most) => {
    const { uses, write } = written(most);
    return { uses: usesInBoth(fakeUses(), uses), write };
  }));

const USE = {
  ...{ ec2InstanceId: EC2, secret: "orders/db", consumer: "web-1", versionId: "7d9b318d-7543-4923-813d-660b51a4553f" },
  ...{ timeMs: NOW, proof: hex64Of("proof") },
};
const WINDOW = { from: NOW - 1000, to: NOW + 1000 };

test("a later one in the one store hides none in the other: anybody may have written it", async () => {
  const stores = [fakeUses(), fakeUses()] as const;
  const later = { ...USE, timeMs: NOW + 1, proof: hex64Of("forged") };
  stores[0].write(USE);
  stores[1].write(later);
  expect(await usesInBoth(...stores).of("orders/db", WINDOW)).toEqual([later, USE]);
});

test("where one of the stores cannot be read, nothing is said of what lies in the other", async () => {
  const away = { canHide: false, of: () => Promise.reject(new Error("It is away.")) };
  const there = fakeUses();
  there.write(USE);
  for (const both of [usesInBoth(away, there), usesInBoth(there, away)]) {
    await expect(both.of("orders/db", WINDOW)).rejects.toThrow("It is away.");
  }
});

test("a false proof can hide a true one where it can in one of the stores", () => {
  const hiding = { ...fakeUses(), canHide: true };
  expect(usesInBoth(fakeUses(), fakeUses()).canHide).toBe(false);
  expect(usesInBoth(hiding, fakeUses()).canHide).toBe(true);
  expect(usesInBoth(fakeUses(), hiding).canHide).toBe(true);
});
