import { expect, test } from "vitest";
import { quarantine } from "../../../functions/operate/quarantine/step.ts";
import { controlPlane, EC2, ID, LINE, NOW, pendingOf } from "../support.ts";
import { lineLying, meant, operatedLine } from "./records.ts";

test("from then on nothing about its keys is written, and it is written down who asked", async () => {
  const plane = await controlPlane();
  expect(await quarantine(meant("ACTIVE"), plane)).toEqual({ outcome: "QUARANTINED", id: ID });
  expect(await plane.record()).toMatchObject({ status: "QUARANTINED", statusBefore: "ACTIVE" });
  const pending = await pendingOf(plane.instance, plane.vault, "ab".repeat(32));
  expect(await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW })).toBe(false);
  expect(plane.journal.lines).toEqual([operatedLine("quarantine", "QUARANTINED")]);
  expect(plane.audit.lying).toMatchObject([lineLying(1, "quarantined")]);
  expect(await plane.record()).toMatchObject({ auditHead: { n: 1 }, auditDue: [] });
});

test("once more it comes to the same, and what it was before is not forgotten", async () => {
  const plane = await controlPlane({ status: "STOPPED" });
  await quarantine(meant("STOPPED"), plane);
  const before = await plane.record();
  expect(await quarantine(meant("STOPPED"), plane)).toEqual({ outcome: "QUARANTINED", id: ID });
  expect(await quarantine(meant("QUARANTINED"), plane)).toEqual({ outcome: "QUARANTINED", id: ID });
  expect(await plane.record()).toEqual(before);
  expect(plane.audit.lying).toHaveLength(1);
});

test("a try that died before its line was put has it put by the next, once", async () => {
  const plane = await controlPlane();
  const audit = { ...plane.audit, put: () => Promise.reject(new Error("died")) };
  await expect(quarantine(meant("ACTIVE"), { ...plane, audit })).rejects.toThrow("died");
  plane.clock.at += 1000;
  for (let tries = 0; tries < 2; tries += 1) await quarantine(meant("ACTIVE"), plane);
  expect(plane.audit.lying).toMatchObject([lineLying(1, "quarantined")]);
});

test("there is nothing left to put there of one that is retired", async () => {
  const plane = await controlPlane();
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  expect(await quarantine(meant("RETIRED"), plane)).toEqual({ outcome: "RETIRED", id: ID });
});

test("a record that has gone meanwhile is told", async () => {
  const plane = await controlPlane();
  plane.registry.records.delete(ID);
  await expect(quarantine(meant("ACTIVE"), plane)).rejects.toMatchObject({ name: "UnknownId" });
  expect(plane.journal.lines).toEqual([]);
});
