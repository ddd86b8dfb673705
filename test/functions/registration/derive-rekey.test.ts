import { createHash } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import type { Rekey } from "../../../functions/record/record.ts";
import { deriveRekey } from "../../../functions/registration/derive-rekey/step.ts";
import { keyPair } from "../../../protocol/index.ts";
import {
  askingFor,
  type ControlPlane,
  controlPlane,
  EC2,
  hex64Of,
  ID,
  keyAgreed,
  LINE,
  NOW,
  OTHER_EC2,
  rekeyOpened,
  seededRandom,
  TestInstance,
} from "../support.ts";

let plane: ControlPlane;
let rekey: Rekey;
beforeEach(async () => {
  plane = await controlPlane();
  rekey = await rekeyOpened(plane);
});

const agreedIn = async () => (await plane.record()).rekey?.agreed;
const thief = () => keyPair(seededRandom("thief"));

test("the key that is kept is the one that the agent computes, sealed for its generation, and its receipt fits", async () => {
  const before = await plane.record();
  const { proof } = await keyAgreed(plane, rekey);
  const agreed = await agreedIn();
  const name = { id: ID, ec2InstanceId: EC2, generation: 5 };
  expect(await plane.vault.unseal(agreed?.ciphertext ?? "", name)).toBe(plane.instance.key);
  expect(agreed?.receiptDigest).toBe(createHash("sha256").update(proof).digest("hex"));
  expect(agreed?.agentPublic).toBe(keyPair(seededRandom("agent")).publicKey);
  // Beside what there was, and nothing else.
  expect(await plane.record()).toEqual({ ...before, rekey: { ...rekey, agreed } });
});

test("the answer is the generation and the other public key, and it is told on the bus", async () => {
  const answer = await deriveRekey(askingFor(rekey), plane);
  expect(answer).toEqual({ generation: 5, serverPublic: (await agreedIn())?.serverPublic });
  const detail = { id: ID, ec2InstanceId: EC2, ip: "10.0.0.4", flag: "rekey", generation: 5 };
  expect(plane.bus.events).toEqual([{ detailType: "Instance Registered", detail }]);
});

test("the same call again, whose answer was lost, gets the same answer, and no other key", async () => {
  const first = await deriveRekey(askingFor(rekey), plane);
  const agreed = await agreedIn();
  expect(await deriveRekey(askingFor(rekey), plane)).toEqual(first);
  expect(await agreedIn()).toEqual(agreed);
});

test("whoever comes second is refused, be it the instance itself, and what was agreed stays", async () => {
  await deriveRekey(askingFor(rekey, thief()), plane);
  const agreed = await agreedIn();
  await expect(deriveRekey(askingFor(rekey), plane)).rejects.toMatchObject({ name: "RekeyTaken" });
  expect(await agreedIn()).toEqual(agreed);
});

test("of two at once one has the key agreed, and the other is refused", async () => {
  const agents = [keyPair(seededRandom("agent")), thief()];
  // Both have read the record before either writes.
  const ends = await Promise.allSettled(agents.map((agent) => deriveRekey(askingFor(rekey, agent), plane)));
  expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const won = ends.findIndex(({ status }) => status === "fulfilled");
  expect(ends.find(({ status }) => status === "rejected")).toMatchObject({ reason: { name: "RekeyTaken" } });
  expect((await agreedIn())?.agentPublic).toBe(agents[won]?.publicKey);
});

test("a write that took place though its answer was lost is found", async () => {
  const agreeRekey: typeof plane.registry.agreeRekey = async (...given) => {
    await plane.registry.agreeRekey(...given);
    return false;
  };
  const answer = await deriveRekey(askingFor(rekey), { ...plane, registry: { ...plane.registry, agreeRekey } });
  expect(answer.serverPublic).toBe((await agreedIn())?.serverPublic);
});

test("a record that cannot be written is tried again later, and not for ever", async () => {
  const registry = { ...plane.registry, agreeRekey: async () => false };
  const late = deriveRekey(askingFor(rekey), { ...plane, registry });
  await expect(late).rejects.toMatchObject({ name: "TemporarilyUnavailable" });
});

test.each<[string, string, object]>([
  ["under another nonce", "NoRekey", { nonceDigest: hex64Of("made up") }],
  ["of another generation", "NoRekey", { generation: 6 }],
  ["by another host", "NotOwner", { ec2InstanceId: OTHER_EC2 }],
  ["under an ID that nobody has", "NotOwner", { id: "ffffff" }],
])("nothing is agreed %s", async (_what, name, change) => {
  const before = structuredClone(plane.registry.records);
  const asked = deriveRekey({ ...askingFor(rekey), ...change }, plane);
  await expect(asked).rejects.toMatchObject({ name, message: expect.not.stringMatching(/[0-9a-f]{32}/) });
  expect(plane.registry.records).toEqual(before);
  expect(plane.bus.events).toEqual([]);
});

test.each<[string, string, (plane: ControlPlane) => unknown]>([
  ["where none stands", "NoRekey", async () => (plane = await controlPlane())],
  ["by one that another has taken the place of", "NoRekey", () => rekeyOpened(plane, 6)],
  ["with one in quarantine", "Quarantined", () => plane.registry.quarantine(ID, { line: LINE })],
  ["with one that is retired", "Retired", () => plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE })],
])("nothing is agreed %s", async (_what, name, arrange) => {
  await arrange(plane);
  const before = structuredClone(plane.registry.records);
  await expect(deriveRekey(askingFor(rekey), plane)).rejects.toMatchObject({ name });
  expect(plane.registry.records).toEqual(before);
  expect(plane.bus.events).toEqual([]);
});

test("a rekey for another instance of the fleet is not this one's", async () => {
  const other = new TestInstance({ id: "ffffff", ec2InstanceId: OTHER_EC2 });
  const beside = await controlPlane({}, other);
  const its = await rekeyOpened(beside);
  // The very nonce, from the wrong host.
  const asked = deriveRekey({ ...askingFor(its), id: "ffffff", ec2InstanceId: EC2 }, beside);
  await expect(asked).rejects.toMatchObject({ name: "NotOwner" });
});

test("nothing secret stands in a log line, an event or the answer", async () => {
  const answer = await deriveRekey(askingFor(rekey), plane);
  const agreed = await agreedIn();
  const told = JSON.stringify([plane.journal.lines, plane.bus.events, answer]);
  for (const secret of [rekey.nonce, agreed?.ciphertext, agreed?.receiptDigest]) expect(told).not.toContain(secret);
});
