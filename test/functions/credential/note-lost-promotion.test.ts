import { describe, expect, test } from "vitest";
import { noteLostPromotion } from "../../../functions/credential/note-lost-promotion.ts";
import { NOW } from "../support.ts";
import { CREDENTIAL_EXECUTION, type CredentialWorld, credentialWorld, FIRST, SECRET, THIRD, TOKEN } from "./support.ts";

const confirmed = { versionId: TOKEN, user: "orders_b", at: NOW, former: { versionId: FIRST, user: "orders_a" } };
const before = { versionId: FIRST, user: "orders_a", since: NOW - 9, execution: "before" };

/** The confirmed version was made the current one, and whoever did it died before noting it. */
async function unnoted(): Promise<CredentialWorld> {
  const world = await credentialWorld();
  await world.note({ current: before, confirmed });
  await world.secrets.putPending(SECRET, TOKEN, world.valueFor(TOKEN, "orders_b"));
  await world.secrets.promote(SECRET, TOKEN, { from: FIRST });
  return world;
}

const by = { execution: CREDENTIAL_EXECUTION, asked: { trigger: "watch" }, enteredAt: NOW };

async function noteLost(world: CredentialWorld) {
  const stages = await world.secrets.stages(SECRET);
  return noteLostPromotion({ stages, record: await world.record() }, by, world);
}

describe("a promotion that nobody noted", () => {
  test("is noted: since now, with the user before it, and with its line", async () => {
    const world = await unnoted();
    const record = await noteLost(world);
    expect(record).toMatchObject({
      current: { versionId: TOKEN, user: "orders_b", since: NOW, execution: "orders-db-2222-1" },
      predecessor: { versionId: FIRST, user: "orders_a", announced: [] },
    });
    expect(world.audit.lying).toMatchObject([{ act: "promoted", timeMs: NOW }]);
    expect(await world.record()).toMatchObject({ auditDue: [] });
  });

  test("once, however often it is come upon", async () => {
    const world = await unnoted();
    const noted = await noteLost(world);
    world.clock.at += 1000;
    expect((await noteLost(world)).current).toEqual(noted.current);
    expect(world.audit.lying).toHaveLength(1);
  });

  test("by the version that the record knew, where Secrets Manager shows none before it", async () => {
    const world = await unnoted();
    const stages = { current: TOKEN, pending: TOKEN, predecessor: undefined };
    const record = await noteLostPromotion({ stages, record: await world.record() }, by, world);
    expect(record.predecessor).toEqual({ versionId: FIRST, user: "orders_a", announced: [] });
  });

  test("with nobody to retire, where nobody can hold a version before it", async () => {
    const world = await credentialWorld();
    const { former: _, ...accepted } = confirmed;
    await world.note({ confirmed: accepted });
    const stages = { current: TOKEN, pending: TOKEN, predecessor: undefined };
    const record = await noteLostPromotion({ stages, record: await world.record() }, by, world);
    expect(record.current).toMatchObject({ versionId: TOKEN });
    expect(record).not.toHaveProperty("predecessor");
  });
});

test.each<[string, (world: CredentialWorld) => unknown]>([
  ["the version is not current", ({ secrets }) => secrets.putCurrent(SECRET, THIRD, "{}")],
  ["the secret is gone", ({ secrets }) => secrets.delete(SECRET)],
  ["another version was confirmed since", (world) => world.note({ confirmed: { ...confirmed, versionId: THIRD } })],
  ["it is noted already", (world) => world.note({ current: { ...before, versionId: TOKEN } })],
])("nothing is noted where %s", async (_, befall) => {
  const world = await unnoted();
  await befall(world);
  const record = await world.record();
  expect(await noteLost(world)).toEqual(record);
  expect(await world.record()).toEqual(record);
  expect(world.audit.lying).toEqual([]);
});
