import { expect, test } from "vitest";
import { contract } from "../../../functions/rotation/verify-hash/contract.ts";
import { verifyHash } from "../../../functions/rotation/verify-hash/step.ts";
import {
  type ControlPlane,
  controlPlane,
  EC2,
  hex64Of,
  ID,
  INTERVAL_MS,
  keyAgreed,
  LINE,
  NOW,
  rekeyOpened,
  TestInstance,
} from "../support.ts";

function verify(plane: ControlPlane, timesMs: number[]) {
  const samples = timesMs.map((timeMs) => plane.instance.sampleAt(timeMs));
  return verifyHash({ id: ID, ec2InstanceId: EC2, generation: 1, samples }, plane);
}

test("a proof of the key in the record matches", async () => {
  const plane = await controlPlane();
  const before = await plane.record();
  expect(await verify(plane, [NOW - 5, NOW - INTERVAL_MS])).toEqual({ verdict: "MATCH", lastProofAt: NOW - 5 });
  expect(plane.journal.counts).toEqual(["Verdict MATCH"]);
  expect(await plane.record()).toEqual(before);
});

test("a tampered key is a mismatch", async () => {
  const plane = await controlPlane();
  plane.instance.key = hex64Of("tampered");
  expect(await verify(plane, [NOW])).toEqual({ verdict: "MISMATCH" });
});

test("the record as it is now is judged, so a generation that was left meanwhile is superseded", async () => {
  const plane = await controlPlane({}, new TestInstance({ generation: 2 }));
  expect(await verify(plane, [NOW])).toEqual({ verdict: "SUPERSEDED" });
});

test("waiting is noted, and tried again after an interval", async () => {
  const plane = await controlPlane({ startedAt: NOW - 1 });
  expect(await verify(plane, [])).toEqual({ verdict: "WAITING" });
  expect(await plane.record()).toMatchObject({ verdict: "WAITING", dueAt: NOW + INTERVAL_MS });
});

test("a stopped instance waits without anything being noted", async () => {
  const plane = await controlPlane({ status: "STOPPED" });
  const before = await plane.record();
  expect(await verify(plane, [])).toMatchObject({ verdict: "WAITING" });
  expect(await plane.record()).toEqual(before);
});

test("a record that was retired or lost meanwhile is told by its name", async () => {
  const plane = await controlPlane();
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  await expect(verify(plane, [NOW])).rejects.toMatchObject({ name: "Retired" });
  plane.registry.records.clear();
  await expect(verify(plane, [NOW])).rejects.toMatchObject({ name: "UnknownId" });
});

test("a key that was sealed for another generation is unreadable, and nothing is judged", async () => {
  const plane = await controlPlane();
  const record = await plane.record();
  const ciphertext = await plane.vault.seal(plane.instance.key, { id: ID, ec2InstanceId: EC2, generation: 2 });
  plane.registry.records.set(ID, { ...record, current: { ...record.current, ciphertext } });
  await expect(verify(plane, [NOW])).rejects.toMatchObject({ name: "KeyUnreadable" });
  expect(plane.journal.counts).toEqual([]);
});

test("what is written down holds no hash and no key", async () => {
  const plane = await controlPlane();
  await verify(plane, [NOW]);
  expect(plane.journal.lines.join()).not.toMatch(/[0-9a-f]{32}/);
});

test("what a mismatch claims goes on with it, whatever generation that is", async () => {
  const plane = await controlPlane();
  plane.instance.key = hex64Of("tampered");
  for (const generation of [2, 10 ** 9, Number.MAX_SAFE_INTEGER]) {
    plane.instance.generation = generation;
    const output = await verify(plane, [NOW]);
    expect(output).toEqual({ verdict: "MISMATCH", claimed: generation });
    expect(contract.output.safeParse(output).success).toBe(true);
  }
});

test("a key that was agreed by a rekey is proved as a pending one is, and can be unreadable as any", async () => {
  const plane = await controlPlane();
  await keyAgreed(plane, await rekeyOpened(plane));
  expect(await verify(plane, [NOW])).toEqual({ verdict: "MATCH_PENDING", lastProofAt: NOW });
  const { rekey, ...record } = await plane.record();
  if (rekey?.agreed) rekey.agreed.ciphertext = "AAAA";
  plane.registry.records.set(ID, { ...record, ...(rekey && { rekey }) });
  await expect(verify(plane, [NOW])).rejects.toMatchObject({ name: "KeyUnreadable" });
});
