import { describe, expect, test } from "vitest";
import { inBothSeries } from "../../../functions/clients/time-series.both.ts";
import { fakeTimeSeries } from "../../../functions/clients/time-series.fake.ts";
import { executionName } from "../../../functions/record/execution-name.ts";
import { awaitFormer } from "../../../functions/rotation/await-former/step.ts";
import {
  type ControlPlane,
  controlPlane,
  duesOf,
  EC2,
  EXECUTION,
  hex64Of,
  ID,
  INTERVAL_MS,
  LINE,
  NOW,
  OTHER_EC2,
  recordOf,
  TestInstance,
} from "../support.ts";

const NEW_ID = "ffffff";
const NAME = executionName(EXECUTION);
const WINDOW_MS = 10 * INTERVAL_MS;
const AN_HOUR_MS = 3600_000;
const input = { id: NEW_ID, execution: EXECUTION };
const turned = { id: NEW_ID, ec2InstanceId: EC2, generation: 1 };

/** A former record, and beside it that of a newcomer which registered so long ago. */
async function besideFormer(agoMs: number, changes: object = {}): Promise<ControlPlane> {
  const plane = await controlPlane();
  const newcomer = await recordOf(new TestInstance({ id: NEW_ID, key: hex64Of("another") }), plane.vault, {
    ...{ status: "NEW", registeredAt: NOW - agoMs, startedAt: NOW - agoMs },
    ...changes,
  });
  await plane.registry.add(newcomer);
  const owner = await plane.registry.findOwner(EC2);
  await plane.registry.writeOwner(EC2, { holder: ID, newcomer: NEW_ID, cameAt: [] }, owner);
  return plane;
}

/** Something lies under the former's ID, and bears a time so long ago. */
function written(plane: ControlPlane, agoMs: number, { id = ID, host = EC2, hash = "spoilt" } = {}): void {
  plane.timeSeries.write(id, host, { timeMs: NOW - agoMs, generation: 1, hash });
}

const waits = async (plane: ControlPlane) => {
  await expect(awaitFormer(input, plane)).rejects.toMatchObject({ name: "Waiting" });
  return plane.record(NEW_ID);
};

describe("a newcomer is turned", () => {
  test("when a window has passed in which its host ran and nothing was written under its former's ID", async () => {
    const plane = await besideFormer(WINDOW_MS);
    written(plane, WINDOW_MS + 1);
    written(plane, 1, { id: NEW_ID });
    written(plane, 1, { host: OTHER_EC2 });
    plane.launched.set(EC2, NOW - WINDOW_MS);
    const before = [await plane.record(ID), await plane.record(NEW_ID)];
    expect(await awaitFormer(input, plane)).toEqual(turned);
    expect([await plane.record(ID), await plane.record(NEW_ID)]).toEqual(before);
    expect(plane.mail.sent).toEqual([]);
  });

  test("though the former went on for longer than an hour before", async () => {
    const plane = await besideFormer(5 * AN_HOUR_MS);
    written(plane, WINDOW_MS + 1);
    expect(await awaitFormer(input, plane)).toEqual(turned);
  });
});

describe("a newcomer waits, and is looked at again a window later", () => {
  test.each<[string, number]>([
    ["of now", 0],
    ["as old as the window", WINDOW_MS],
    ["of a time to come", -7 * 24 * AN_HOUR_MS],
  ])("while anything, right or wrong, is written under its former's ID: %s", async (_, agoMs) => {
    const plane = await besideFormer(WINDOW_MS);
    written(plane, agoMs);
    expect(await waits(plane)).toMatchObject({ status: "NEW", verdict: "WAITING", dueAt: NOW + WINDOW_MS });
    expect(plane.mail.sent).toEqual([]);
  });

  test.each(["present", "former"])("while its former writes to the %s store, and samples move", async (which) => {
    const plane = await besideFormer(WINDOW_MS);
    const other = fakeTimeSeries();
    written(plane, 0);
    const both = which === "present" ? inBothSeries(plane.timeSeries, other) : inBothSeries(other, plane.timeSeries);
    const moving = { ...plane, timeSeries: both };
    await expect(awaitFormer(input, moving)).rejects.toMatchObject({ name: "Waiting" });
    // It is not silent in one of them alone.
    expect(await awaitFormer(input, { ...plane, timeSeries: inBothSeries(other, fakeTimeSeries()) })).toEqual(turned);
  });

  test("until a window has passed since it came", async () => {
    await waits(await besideFormer(WINDOW_MS - 1));
  });

  test("until its host has run for a whole window", async () => {
    const plane = await besideFormer(5 * AN_HOUR_MS);
    plane.launched.set(EC2, NOW - WINDOW_MS + 1);
    await waits(plane);
  });

  test.each(["stopped", "pending", "stopping", "terminated", "unknown"] as const)(
    "while EC2 says that its host is %s, however long",
    async (state) => {
      const plane = await besideFormer(100 * AN_HOUR_MS);
      plane.states.set(EC2, state);
      expect((await waits(plane)).status).toBe("NEW");
    },
  );

  test("while its former is in quarantine", async () => {
    const plane = await besideFormer(5 * AN_HOUR_MS);
    plane.registry.records.set(ID, { ...(await plane.record(ID)), status: "QUARANTINED" });
    await expect(awaitFormer(input, plane)).rejects.toMatchObject({ name: "Quarantined" });
    expect(await plane.record(NEW_ID)).toMatchObject({ status: "NEW", dueAt: NOW + WINDOW_MS });
  });
});

describe("a newcomer whose former goes on", () => {
  test("waits until an hour after it came", async () => {
    const plane = await besideFormer(AN_HOUR_MS - 1);
    written(plane, 1);
    await waits(plane);
  });

  test("is retired an hour after it came, and people are told", async () => {
    const plane = await besideFormer(AN_HOUR_MS);
    written(plane, 1);
    const before = await plane.record(ID);
    await expect(awaitFormer(input, plane)).rejects.toMatchObject({ name: "Retired" });
    expect(await plane.registry.find(NEW_ID)).toMatchObject({ status: "RETIRED" });
    expect(await plane.record(ID)).toEqual(before);
    const [mail] = plane.mail.sent;
    expect(mail?.subject).toBe(`Keyturn: NewcomerRetired on ${EC2} (${NEW_ID})`);
    for (const part of [
      `${EC2}, which is ${ID}, registered as ${NEW_ID} too, and ${ID} goes on writing.`,
      ...["stolen", "section Newcomer", EXECUTION],
    ]) {
      expect(mail?.text).toContain(part);
    }
    await expect(awaitFormer(input, plane)).rejects.toMatchObject({ name: "Retired" });
    expect(plane.mail.sent).toHaveLength(1);
    const why = "its former goes on writing";
    expect(await duesOf(plane, NEW_ID)).toEqual([["retired", { why, former: ID, writing: ID, execution: NAME }]]);
  });

  test("stays while people cannot be told", async () => {
    const plane = await besideFormer(AN_HOUR_MS);
    written(plane, 1);
    const silent = { ...plane, mail: { send: () => Promise.reject(new Error("topic away")) } };
    await expect(awaitFormer(input, silent)).rejects.toThrow("topic away");
    expect((await plane.record(NEW_ID)).status).toBe("NEW");
    await expect(awaitFormer(input, plane)).rejects.toMatchObject({ name: "Retired" });
    expect(plane.mail.sent).toHaveLength(1);
  });

  test("is told of once by whoever died before it was retired", async () => {
    const plane = await besideFormer(AN_HOUR_MS);
    written(plane, 1);
    const registry = { ...plane.registry, retire: () => Promise.reject(new Error("killed")) };
    await expect(awaitFormer(input, { ...plane, registry })).rejects.toThrow("killed");
    await expect(awaitFormer(input, plane)).rejects.toMatchObject({ name: "Retired" });
    expect(plane.mail.sent).toHaveLength(1);
  });

  test("is not retired for what was written before it came, however long samples are apart", async () => {
    const plane = { ...(await besideFormer(2 * AN_HOUR_MS)), intervalMs: 24 * AN_HOUR_MS };
    written(plane, 3 * AN_HOUR_MS);
    await waits(plane);
    expect(plane.mail.sent).toEqual([]);
  });
});

describe("what was begun is finished", () => {
  test("a newcomer whose receipt was seen takes the place, its former is retired, and people are told once", async () => {
    const plane = await besideFormer(WINDOW_MS);
    const newcomer = await plane.record(NEW_ID);
    plane.registry.records.set(NEW_ID, { ...newcomer, current: { ...newcomer.current, generation: 2 } });
    written(plane, 1);
    expect(await awaitFormer(input, plane)).toEqual({ ...turned, generation: 2 });
    expect(await plane.registry.findOwner(EC2)).toMatchObject({ holder: NEW_ID, former: ID });
    expect(await plane.registry.find(ID)).toMatchObject({ status: "RETIRED" });
    expect(await plane.record(NEW_ID)).toMatchObject({ status: "ACTIVE", dueAt: newcomer.dueAt });
    await awaitFormer(input, plane);
    const why = "its host has registered anew";
    expect(await duesOf(plane)).toEqual([["retired", { why, successor: NEW_ID, execution: NAME }]]);
    expect(plane.mail.sent.map(({ subject }) => subject)).toEqual([`Keyturn: RegisteredAnew on ${EC2} (${NEW_ID})`]);
  });

  test("a holder whose registration died is active, and one whose former was left is without it", async () => {
    for (const former of [undefined, ID]) {
      const plane = await besideFormer(1);
      const owner = await plane.registry.findOwner(EC2);
      await plane.registry.writeOwner(EC2, { holder: NEW_ID, former, cameAt: [] }, owner);
      expect(await awaitFormer(input, plane)).toEqual(turned);
      expect(await plane.record(NEW_ID)).toMatchObject({ status: "ACTIVE" });
      expect((await plane.registry.find(ID))?.status).toBe(former === undefined ? "ACTIVE" : "RETIRED");
    }
  });

  test("beside a former that is retired by now it takes the place at once", async () => {
    const plane = await besideFormer(1);
    await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
    expect(await awaitFormer(input, plane)).toEqual(turned);
    expect(await plane.registry.findOwner(EC2)).toMatchObject({ holder: NEW_ID });
    expect(await plane.record(NEW_ID)).toMatchObject({ status: "ACTIVE" });
    expect(plane.mail.sent).toEqual([]);
  });

  test("a record that the owner item does not name is retired, and so is one of a host that is gone", async () => {
    for (const change of [
      (plane: ControlPlane) =>
        plane.registry.owners.set(EC2, { holder: ID, newcomer: "eeeeee", cameAt: [], version: 9 }),
      (plane: ControlPlane) => plane.registry.owners.clear(),
      (plane: ControlPlane) => plane.registry.noteEnded(EC2, { at: NOW }),
    ]) {
      const plane = await besideFormer(WINDOW_MS);
      await change(plane);
      await expect(awaitFormer(input, plane)).rejects.toMatchObject({ name: "Retired" });
      expect(await plane.registry.find(NEW_ID)).toMatchObject({ status: "RETIRED" });
      const why = "its host has another record, or is gone";
      expect(await duesOf(plane, NEW_ID)).toEqual([["retired", { why, execution: NAME }]]);
      expect((await plane.record(ID)).status).toBe("ACTIVE");
    }
  });

  test("where a later newcomer or a quarantine comes at the same moment, it is not turned", async () => {
    for (const change of [
      (plane: ControlPlane) =>
        plane.registry.owners.set(EC2, { holder: ID, newcomer: "eeeeee", cameAt: [], version: 9 }),
      async (plane: ControlPlane) =>
        plane.registry.records.set(ID, { ...(await plane.record(ID)), status: "QUARANTINED" }),
    ]) {
      const plane = await besideFormer(WINDOW_MS);
      const newcomer = await plane.record(NEW_ID);
      plane.registry.records.set(NEW_ID, { ...newcomer, current: { ...newcomer.current, generation: 2 } });
      let reads = 0;
      const registry = {
        ...plane.registry,
        findOwner: async (ec2InstanceId: string) => {
          reads += 1;
          if (reads === 2) await change(plane);
          return plane.registry.findOwner(ec2InstanceId);
        },
      };
      await expect(awaitFormer(input, { ...plane, registry })).rejects.toMatchObject({ name: "Waiting" });
      expect(await plane.record(NEW_ID)).toMatchObject({ status: "NEW" });
      expect((await plane.registry.find(ID))?.status).not.toBe("RETIRED");
    }
  });

  test("while its EC2 instance registers at the same moment, it is tried again", async () => {
    const plane = await besideFormer(1);
    await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
    const registry = { ...plane.registry, writeOwner: async () => undefined };
    await expect(awaitFormer(input, { ...plane, registry })).rejects.toMatchObject({ name: "TemporarilyUnavailable" });
    expect((await plane.record(NEW_ID)).status).toBe("NEW");
  });
});

test("one that another execution has made active is turned, one in quarantine is not, and one that is gone is unknown", async () => {
  const active = await besideFormer(1, { status: "ACTIVE" });
  expect(await awaitFormer(input, active)).toEqual(turned);
  const shut = await besideFormer(1, { status: "QUARANTINED" });
  await expect(awaitFormer(input, shut)).rejects.toMatchObject({ name: "Quarantined" });
  await expect(awaitFormer({ ...input, id: "eeeeee" }, active)).rejects.toMatchObject({ name: "UnknownId" });
});
