import { expect, test } from "vitest";
import { release } from "../../../functions/operate/release/step.ts";
import { controlPlane, EC2, ID, LINE, NOW } from "../support.ts";
import { lineLying, meant, operatedLine } from "./records.ts";

test.each(["NEW", "ACTIVE", "STOPPED"] as const)("one that was %s is so again", async (statusBefore) => {
  const plane = await controlPlane({ status: "QUARANTINED", statusBefore });
  expect(await release(meant("QUARANTINED"), plane)).toEqual({ outcome: "RELEASED", id: ID });
  expect((await plane.record()).status).toBe(statusBefore);
  expect(plane.journal.lines).toEqual([operatedLine("release", "RELEASED")]);
  expect(plane.audit.lying).toMatchObject([lineLying(1, "released")]);
});

test("a try that finds it released by the try before comes to the same", async () => {
  const plane = await controlPlane({ status: "ACTIVE" });
  expect(await release(meant("QUARANTINED"), plane)).toEqual({ outcome: "RELEASED", id: ID });
});

test("of one that was in none the outcome says so, and nothing is changed", async () => {
  const plane = await controlPlane({ status: "STOPPED" });
  const before = await plane.record();
  expect(await release(meant("STOPPED"), plane)).toEqual({ outcome: "NOT_QUARANTINED", id: ID });
  expect(await plane.record()).toEqual(before);
  expect(plane.audit.lying).toEqual([]);
});

test("a try that died before its line was put has it put by the next, after what was due already", async () => {
  const plane = await controlPlane();
  await plane.registry.quarantine(ID, { line: { ...LINE, act: "quarantined" } });
  const audit = { ...plane.audit, put: () => Promise.reject(new Error("died")) };
  await expect(release(meant("QUARANTINED"), { ...plane, audit })).rejects.toThrow("died");
  expect(await release(meant("QUARANTINED"), plane)).toEqual({ outcome: "RELEASED", id: ID });
  expect(plane.audit.lying).toMatchObject([{ n: 1, act: "quarantined" }, lineLying(2, "released")]);
});

test("one that is retired stays so", async () => {
  const plane = await controlPlane();
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  expect(await release(meant("QUARANTINED"), plane)).toEqual({ outcome: "RETIRED", id: ID });
});

test("a record that has gone meanwhile is told", async () => {
  const plane = await controlPlane();
  plane.registry.records.delete(ID);
  await expect(release(meant("QUARANTINED"), plane)).rejects.toMatchObject({ name: "UnknownId" });
});
