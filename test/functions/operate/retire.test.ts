import { expect, test } from "vitest";
import { retire } from "../../../functions/operate/retire/step.ts";
import { controlPlane, EC2, ID, NOW } from "../support.ts";
import { lineLying, meant, operatedLine } from "./records.ts";

/** Its line is put, and nothing is due any more. */
const tombstone = {
  ...{ id: ID, ec2InstanceId: EC2, status: "RETIRED", retiredAt: NOW },
  ...{ auditHead: { n: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) }, auditDue: [] },
};

test.each(["ACTIVE", "QUARANTINED"] as const)("of one that is %s a tombstone is left", async (status) => {
  const plane = await controlPlane({ status });
  expect(await retire(meant(status), plane)).toEqual({ outcome: "RETIRED", id: ID });
  expect(await plane.registry.find(ID)).toEqual(tombstone);
  expect(plane.journal.lines).toEqual([operatedLine("retire", "RETIRED")]);
  expect(plane.audit.lying).toMatchObject([lineLying(1, "retired")]);
});

test("once more it comes to the same, and leaves when it was retired", async () => {
  const plane = await controlPlane();
  await retire(meant("ACTIVE"), plane);
  plane.clock.at += 1000;
  expect(await retire(meant("ACTIVE"), plane)).toEqual({ outcome: "RETIRED", id: ID });
  expect(await plane.registry.find(ID)).toEqual(tombstone);
  expect(plane.audit.lying).toHaveLength(1);
});

test("a try that died before its line was put has it put by the next, from the tombstone", async () => {
  const plane = await controlPlane();
  const audit = { ...plane.audit, put: () => Promise.reject(new Error("died")) };
  await expect(retire(meant("ACTIVE"), { ...plane, audit })).rejects.toThrow("died");
  plane.clock.at += 1000;
  expect(await retire(meant("RETIRED"), plane)).toEqual({ outcome: "RETIRED", id: ID });
  expect(plane.audit.lying).toMatchObject([lineLying(1, "retired")]);
});

test("a record that has gone meanwhile is told", async () => {
  const plane = await controlPlane();
  plane.registry.records.delete(ID);
  await expect(retire(meant("ACTIVE"), plane)).rejects.toMatchObject({ name: "UnknownId" });
});
