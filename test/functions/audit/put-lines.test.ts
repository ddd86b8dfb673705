import { describe, expect, test } from "vitest";
import { putLines } from "../../../functions/audit/put-lines.ts";
import type { DueLine } from "../../../functions/record/audit.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { auditFaults } from "../../../protocol/index.ts";
import { controlPlane, duesOf, EC2, hex64Of, ID, LINE, NOW } from "../support.ts";
import { countedAudit } from "./counted.ts";

const due = (act: string, timeMs = NOW): DueLine => ({ ...LINE, act, timeMs });

async function world(changes: Partial<InstanceRecord> = {}) {
  const plane = { ...(await controlPlane(changes)), audit: countedAudit() };
  const acts = () => plane.audit.lying.map(({ n, act }) => `${n} ${act}`);
  return { ...plane, acts, put: async () => putLines(ID, (await plane.registry.find(ID)) ?? {}, plane) };
}

test("what is due is put in order, the last of it known then, and nothing due", async () => {
  const plane = await world({ auditDue: [due("registered"), due("promoted")] });
  await plane.put();
  expect(plane.acts()).toEqual(["1 registered", "2 promoted"]);
  const digest = plane.audit.lying[1]?.digest;
  expect(await plane.record()).toMatchObject({ auditHead: { n: 2, digest }, auditDue: [] });
  expect(auditFaults({ lines: plane.audit.lying, seals: [] })).toEqual([]);
});

test("one line is two calls, and none is none", async () => {
  const plane = await world({ auditHead: { n: 0, digest: "" }, auditDue: [due("promoted")] });
  let noted = 0;
  const { noteAudited } = plane.registry;
  plane.registry.noteAudited = (...given) => {
    noted += 1;
    return noteAudited(...given);
  };
  await plane.put();
  expect([plane.audit.calls, noted]).toEqual([["put"], 1]);
  for (const nothing of [await plane.record(), {}, { auditHead: { n: 3, digest: hex64Of("three") } }]) {
    await putLines(ID, nothing, plane);
  }
  expect([plane.audit.calls, noted]).toEqual([["put"], 1]);
});

test("the day of a line is that on which it is put", async () => {
  const plane = await world({ auditDue: [due("promoted", NOW - 30 * 86_400_000)] });
  await plane.put();
  expect(plane.audit.lying).toMatchObject([{ day: "2026-11-20", timeMs: NOW - 30 * 86_400_000 }]);
});

test("more than can be noted at once are put by and by, in order", async () => {
  const all = Array.from({ length: 250 }, (_, index) => due(`act ${index}`, NOW + index));
  const plane = await world({ auditDue: all });
  for (const left of [150, 50, 0]) {
    await plane.put();
    expect(await duesOf(plane)).toHaveLength(left);
  }
  expect(plane.audit.lying.map(({ act }) => act)).toEqual(all.map(({ act }) => act));
  expect(auditFaults({ lines: plane.audit.lying, seals: [] })).toEqual([]);
});

test("of a tombstone they are put as well", async () => {
  const plane = await world({ auditDue: [due("promoted")] });
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: due("retired") });
  await plane.put();
  expect(plane.acts()).toEqual(["1 promoted", "2 retired"]);
  expect(await duesOf(plane)).toEqual([]);
});

describe("of two who come at once", () => {
  test("who has read the same puts the same, and one of them notes it", async () => {
    const plane = await world({ auditDue: [due("registered"), due("promoted")] });
    await Promise.all([plane.put(), plane.put(), plane.put()]);
    expect(plane.acts()).toEqual(["1 registered", "2 promoted"]);
    expect(await plane.record()).toMatchObject({ auditHead: { n: 2 }, auditDue: [] });
  });

  test("who has read more finds the first noted, and leaves the rest due, which is put once by the next", async () => {
    const plane = await world({ auditDue: [due("registered")] });
    const early = await plane.record();
    await plane.registry.quarantine(ID, { line: due("quarantined") });
    const late = await plane.record();
    await putLines(ID, early, plane);
    await putLines(ID, late, plane);
    expect(plane.acts()).toEqual(["1 registered", "2 quarantined"]);
    expect(await plane.record()).toMatchObject({ auditHead: { n: 1 }, auditDue: [due("quarantined")] });
    await plane.put();
    expect(plane.acts()).toEqual(["1 registered", "2 quarantined"]);
    expect(await plane.record()).toMatchObject({ auditHead: { n: 2 }, auditDue: [] });
  });

  test("an act that comes while lines are put stays due", async () => {
    const plane = await world({ auditDue: [due("registered")] });
    const { put } = plane.audit;
    plane.audit.put = async (...given) => {
      await plane.registry.quarantine(ID, { line: due("quarantined") });
      return put(...given);
    };
    await plane.put();
    expect(await plane.record()).toMatchObject({ auditHead: { n: 1 }, auditDue: [due("quarantined")] });
  });
});

test.each([1, 2, 3])("whoever dies before call %i leaves what the next one puts, each once", async (call) => {
  const plane = await world({ auditDue: [due("registered"), due("promoted")] });
  plane.audit.diesAt.call = call;
  const noteAudited = () => Promise.reject(new Error("died"));
  const dying = putLines(ID, await plane.record(), { ...plane, registry: { ...plane.registry, noteAudited } });
  await expect(dying).rejects.toThrow("died");
  delete plane.audit.diesAt.call;
  await plane.put();
  expect(plane.acts()).toEqual(["1 registered", "2 promoted"]);
  expect(await plane.record()).toMatchObject({ auditHead: { n: 2 }, auditDue: [] });
});

test("a record from yesterday's backup goes on after the lines that lie there", async () => {
  const plane = await world({ auditDue: [due("registered")] });
  await plane.put();
  const yesterday = await plane.record();
  await plane.registry.quarantine(ID, { line: due("quarantined", NOW + 1) });
  await plane.put();
  plane.registry.records.set(ID, yesterday);
  await plane.registry.quarantine(ID, { line: due("quarantined", NOW + 2) });
  await plane.put();
  expect(plane.acts()).toEqual(["1 registered", "2 quarantined", "3 quarantined"]);
  expect(await plane.record()).toMatchObject({ auditHead: { n: 3 }, auditDue: [] });
  expect(auditFaults({ lines: plane.audit.lying, seals: [] })).toEqual([]);
});
