import { describe, expect, test } from "vitest";
import { validateId } from "../../../functions/registration/validate-id/step.ts";
import {
  askingFor,
  controlPlane,
  EC2,
  hex64Of,
  ID,
  keyAgreed,
  LINE,
  NOW,
  OTHER_EC2,
  rekeyOpened,
  TestInstance,
} from "../support.ts";

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

describe("who asks for the key of a rekey", () => {
  test("is to have it agreed where one stands with just this generation and nonce, and once more when it asks again", async () => {
    for (const status of ["ACTIVE", "STOPPED"] as const) {
      const plane = await controlPlane({ status });
      const rekey = await rekeyOpened(plane);
      expect(await validateId(askingFor(rekey), plane)).toEqual({ decision: "REKEY" });
      await keyAgreed(plane, rekey);
      expect(await validateId(askingFor(rekey), plane)).toEqual({ decision: "REKEY" });
    }
  });

  test.each<[string, string, object]>([
    ["by a ticket with another nonce", "NO_REKEY", { nonceDigest: hex64Of("made up") }],
    ["by a ticket of another generation", "NO_REKEY", { generation: 6 }],
    ["without any ticket", "NO_REKEY", { generation: undefined, nonceDigest: undefined }],
    ["for another host's record", "NOT_OWNER", { ec2InstanceId: OTHER_EC2 }],
    ["under an ID that nobody has", "UNKNOWN_ID", { id: "ffffff" }],
  ])("is refused %s, and alerted; and nothing is written", async (_what, reason, change) => {
    const plane = await controlPlane();
    const rekey = await rekeyOpened(plane);
    const before = structuredClone(plane.registry.records);
    expect(await validateId({ ...askingFor(rekey), ...change }, plane)).toEqual(refused(reason, true));
    expect(plane.registry.records).toEqual(before);
  });

  test("is refused by a ticket that somebody has made up, as none stands, also with an empty nonce", async () => {
    const plane = await controlPlane();
    for (const nonce of [hex64Of("made up"), ""]) {
      const madeUp = { generation: 5, nonce, openedAt: NOW, execution: "", pushes: {} };
      expect(await validateId(askingFor(madeUp), plane)).toEqual(refused("NO_REKEY", true));
    }
    expect(await validateId({ ...update, flag: "rekey" }, plane)).toEqual(refused("NO_REKEY", true));
  });

  test("is refused where another has answered before, be it the instance itself", async () => {
    const plane = await controlPlane();
    const rekey = await rekeyOpened(plane);
    await keyAgreed(plane, rekey);
    const other = { ...askingFor(rekey), publicKey: hex64Of("another's") };
    expect(await validateId(other, plane)).toEqual(refused("REKEY_TAKEN", true));
  });

  test("is refused in quarantine, and for a retired record", async () => {
    const plane = await controlPlane();
    const rekey = await rekeyOpened(plane);
    await plane.registry.quarantine(ID, { line: LINE });
    expect(await validateId(askingFor(rekey), plane)).toEqual(refused("QUARANTINED", true));
    await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
    expect(await validateId(askingFor(rekey), plane)).toEqual(refused("RETIRED", true));
  });
});
