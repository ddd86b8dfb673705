import { expect, test } from "vitest";
import { validateId } from "../../../functions/registration/validate-id/step.ts";
import { controlPlane, EC2, hex64Of, ID, LINE, NOW, OTHER_EC2, TestInstance } from "../support.ts";

const publicKey = hex64Of("agent public");
const anew = { ec2InstanceId: EC2, flag: "new" as const, publicKey };
const update = { id: ID, ec2InstanceId: EC2, flag: "update" as const };
const refused = (reason: string, alert: boolean) => ({ decision: "REFUSE", reason, alert });

test("the owner's update is an update, also of a host that was stopped", async () => {
  for (const status of ["ACTIVE", "STOPPED"] as const) {
    expect(await validateId(update, await controlPlane({ status }))).toEqual({ decision: "UPDATE" });
  }
});

test("an update for an ID that nobody has is refused, and alerted", async () => {
  const plane = await controlPlane();
  expect(await validateId({ ...update, id: "ffffff" }, plane)).toEqual(refused("UNKNOWN_ID", true));
});

test("an impostor's update is refused, and alerted", async () => {
  const plane = await controlPlane();
  expect(await validateId({ ...update, ec2InstanceId: OTHER_EC2 }, plane)).toEqual(refused("NOT_OWNER", true));
});

test("an update of a retired record, or of one in quarantine, is refused, and alerted", async () => {
  const shut = await controlPlane({ status: "QUARANTINED" });
  expect(await validateId(update, shut)).toEqual(refused("QUARANTINED", true));
  const gone = await controlPlane();
  await gone.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  expect(await validateId(update, gone)).toEqual(refused("RETIRED", true));
  expect(await validateId({ ...update, ec2InstanceId: OTHER_EC2 }, gone)).toEqual(refused("NOT_OWNER", true));
});

test("a new ID is added", async () => {
  const plane = await controlPlane();
  const decision = await validateId({ ...anew, id: "ffffff", ec2InstanceId: OTHER_EC2 }, plane);
  expect(decision).toEqual({ decision: "ADD" });
});

test("the same call again, at generation 1, is the same registration", async () => {
  expect(await validateId({ ...anew, id: ID }, await controlPlane())).toEqual({ decision: "ADD" });
});

test.each([
  ["another host's", { ec2InstanceId: OTHER_EC2 }, 1],
  ["one's own under another public key", { publicKey: hex64Of("other") }, 1],
  ["one's own that was turned already", {}, 2],
])("an ID that is %s is taken, quietly", async (_whose, change, generation) => {
  const plane = await controlPlane({}, new TestInstance({ generation }));
  expect(await validateId({ ...anew, id: ID, ...change }, plane)).toEqual(refused("ID_TAKEN", false));
});

test("an ID that was ever used is taken", async () => {
  const plane = await controlPlane();
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  expect(await validateId({ ...anew, id: ID }, plane)).toEqual(refused("ID_TAKEN", false));
});

test("nothing is written", async () => {
  const plane = await controlPlane();
  const before = structuredClone(plane.registry.records);
  await validateId(update, plane);
  await validateId({ ...anew, id: "ffffff" }, plane);
  expect(plane.registry.records).toEqual(before);
});
