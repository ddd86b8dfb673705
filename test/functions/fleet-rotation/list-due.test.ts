import { expect, test } from "vitest";
import { listDue } from "../../../functions/fleet-rotation/list-due/step.ts";
import { LONGEST_ROTATION_MS } from "../../../functions/record/due.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { controlPlane, EXECUTION, ID, LINE, NOW, pendingOf, ROTATE_EVERY_MS } from "../support.ts";
import { addInstance } from "./instances.ts";

test("whoever is due is listed, the longest due first, under a name made of when it fell due", async () => {
  const plane = await controlPlane({ dueAt: NOW - LONGEST_ROTATION_MS });
  await addInstance(plane, "ffffff", { dueAt: NOW - 2 * LONGEST_ROTATION_MS });
  expect(await listDue({}, plane)).toEqual({
    at: NOW,
    due: [
      { id: "ffffff", name: `ffffff-due-${NOW - 2 * LONGEST_ROTATION_MS}-2` },
      { id: ID, name: `${ID}-due-${NOW - LONGEST_ROTATION_MS}-1` },
    ],
  });
});

test.each<[string, Partial<InstanceRecord>]>([
  ["is not due yet", { dueAt: NOW + 1 }],
  ["is stopped", { status: "STOPPED" }],
  ["is in quarantine", { status: "QUARANTINED" }],
])("who %s is not listed", async (_, changes) => {
  const plane = await controlPlane(changes);
  expect(await listDue({}, plane)).toEqual({ at: NOW, due: [] });
});

test("who is retired is not listed", async () => {
  const plane = await controlPlane();
  await plane.registry.retire(ID, { ec2InstanceId: plane.instance.ec2InstanceId, at: NOW, line: LINE });
  expect((await listDue({}, plane)).due).toEqual([]);
});

test("a run that is started twice gives the same names, so that it starts nothing twice", async () => {
  const plane = await controlPlane({ dueAt: NOW });
  const first = await listDue({}, plane);
  plane.clock.at += LONGEST_ROTATION_MS - 1;
  expect((await listDue({}, plane)).due).toEqual(first.due);
});

test("with each hour overdue the name is another, so that a rotation that died is started again", async () => {
  const plane = await controlPlane({ dueAt: NOW });
  const names: (string | undefined)[] = [];
  for (let interval = 0; interval < 3; interval += 1) {
    names.push((await listDue({}, plane)).due[0]?.name);
    plane.clock.at += LONGEST_ROTATION_MS;
  }
  expect(names).toEqual([`${ID}-due-${NOW}-0`, `${ID}-due-${NOW}-1`, `${ID}-due-${NOW}-2`]);
});

test("once it is turned and due again, the name is another", async () => {
  const plane = await controlPlane({ dueAt: NOW });
  const [before] = (await listDue({}, plane)).due;
  const pending = await pendingOf(plane.instance, plane.vault, "");
  await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW });
  const dueAt = NOW + ROTATE_EVERY_MS;
  await plane.registry.promote(ID, {
    ...{ generation: 2, receiptDigest: pending.receiptDigest, execution: EXECUTION },
    ...{ at: NOW, dueAt },
    line: LINE,
  });
  plane.clock.at = dueAt;
  const [after] = (await listDue({}, plane)).due;
  expect(after?.name).toBe(`${ID}-due-${dueAt}-0`);
  expect(after?.name).not.toBe(before?.name);
});

test("names are such as Step Functions takes", async () => {
  const plane = await controlPlane({ dueAt: 0 });
  const [due] = (await listDue({}, plane)).due;
  expect(due?.name).toMatch(/^[\w-]{1,80}$/);
});

test("who falls due while the pages are gone through waits for the next run", async () => {
  const plane = await controlPlane({ dueAt: NOW });
  for (let n = 1; n <= 100; n += 1) await addInstance(plane, n.toString(16).padStart(6, "0"), { dueAt: NOW });
  const first = await listDue({}, plane);
  expect(first.due).toHaveLength(100);
  expect(first.next).toBeDefined();

  await addInstance(plane, "fffffe", { dueAt: NOW + 1 });
  plane.clock.at += LONGEST_ROTATION_MS;
  const second = await listDue({ at: first.at, after: first.next }, plane);
  expect(second).toEqual({ at: NOW, due: [expect.anything()] });
  expect(new Set([...first.due, ...second.due].map(({ id }) => id)).size).toBe(101);
});

test("a new instance is listed when it is due", async () => {
  const plane = await controlPlane({ dueAt: NOW, status: "NEW" });
  expect((await listDue({}, plane)).due).toEqual([{ id: ID, name: `${ID}-due-${NOW}-0` }]);
});
