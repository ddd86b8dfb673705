import { expect, test } from "vitest";
import { upsertIp } from "../../../functions/registration/upsert-ip/step.ts";
import { agreedKey, keyPair } from "../../../protocol/index.ts";
import {
  controlPlane,
  EC2,
  hex64Of,
  ID,
  NOW,
  OTHER_EC2,
  ROTATE_EVERY_MS,
  seededRandom,
  TestInstance,
} from "../support.ts";

const NEW_ID = "800000";
const agent = keyPair(seededRandom("agent"));
const anew = { id: NEW_ID, ec2InstanceId: OTHER_EC2, ip: "10.0.0.9", flag: "new" as const, publicKey: agent.publicKey };
const update = { id: ID, ec2InstanceId: EC2, ip: "2001:db8::1", flag: "update" as const };

test("a new instance is added at generation 1, active, and first due by where its ID lies", async () => {
  const plane = await controlPlane();
  const { generation, serverPublic } = await upsertIp(anew, plane);
  expect(generation).toBe(1);
  expect(await plane.record(NEW_ID)).toEqual({
    id: NEW_ID,
    ec2InstanceId: OTHER_EC2,
    ip: "10.0.0.9",
    status: "ACTIVE",
    current: { generation: 1, nonce: "", ciphertext: expect.any(String), since: NOW },
    agentPublic: agent.publicKey,
    serverPublic,
    registeredAt: NOW,
    startedAt: NOW,
    dueAt: NOW + ROTATE_EVERY_MS / 2,
  });
});

test("agent and control plane agree on the first key, which goes nowhere", async () => {
  const plane = await controlPlane();
  const answer = await upsertIp(anew, plane);
  const name = { id: NEW_ID, ec2InstanceId: OTHER_EC2, generation: 1 };
  const key = agreedKey({
    purpose: "first-key",
    ...name,
    privateKey: agent.privateKey,
    publicKey: answer.serverPublic,
    agentPublic: agent.publicKey,
    serverPublic: answer.serverPublic,
  });
  expect(await plane.vault.unseal((await plane.record(NEW_ID)).current.ciphertext, name)).toBe(key);
  const told = JSON.stringify([answer, plane.bus.events, plane.journal.lines, await plane.record(NEW_ID)]);
  expect(told).not.toContain(key);
});

test("the same call again, whose answer was lost, gets the same answer", async () => {
  const plane = await controlPlane();
  const first = await upsertIp(anew, plane);
  const record = await plane.record(NEW_ID);
  plane.clock.at += 5000;
  expect(await upsertIp(anew, plane)).toEqual(first);
  expect(await plane.record(NEW_ID)).toEqual(record);
});

test("the same call twice at once agrees on one key", async () => {
  const plane = await controlPlane();
  const [one, other] = await Promise.all([upsertIp(anew, plane), upsertIp(anew, plane)]);
  expect(one).toEqual(other);
  expect((await plane.record(NEW_ID)).serverPublic).toBe(one.serverPublic);
});

test("of two hosts with one ID at once, the slower one's is taken", async () => {
  const plane = await controlPlane();
  const another = { ...anew, ec2InstanceId: "i-0123456789abcdeff", publicKey: keyPair(seededRandom("b")).publicKey };
  const [one, other] = await Promise.allSettled([upsertIp(anew, plane), upsertIp(another, plane)]);
  expect(one.status).toBe("fulfilled");
  expect(other).toMatchObject({ status: "rejected", reason: { name: "IdTaken" } });
  expect(await plane.record(NEW_ID)).toMatchObject({ ec2InstanceId: OTHER_EC2 });
});

test("an ID that is there, and not by this call, is taken", async () => {
  const plane = await controlPlane({}, new TestInstance({ generation: 2 }));
  const own = { ...anew, id: ID, ec2InstanceId: EC2 };
  await expect(upsertIp(own, plane)).rejects.toMatchObject({ name: "IdTaken" });
  await expect(upsertIp({ ...own, publicKey: hex64Of("agent public") }, plane)).rejects.toMatchObject({
    name: "IdTaken",
  });
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW });
  await expect(upsertIp(own, plane)).rejects.toMatchObject({ name: "IdTaken" });
  expect(plane.bus.events).toEqual([]);
});

test("the owner's update changes its IP and start, and nothing else", async () => {
  const plane = await controlPlane({}, new TestInstance({ generation: 4 }));
  const before = await plane.record();
  expect(await upsertIp(update, plane)).toEqual({ generation: 4, serverPublic: before.serverPublic });
  expect(await plane.record()).toEqual({ ...before, ip: "2001:db8::1", startedAt: NOW });
});

test.each([
  ["another host's", { ec2InstanceId: OTHER_EC2 }],
  ["nobody's", { id: "ffffff" }],
])("an update of %s record changes nothing", async (_whose, change) => {
  const plane = await controlPlane();
  const before = structuredClone(plane.registry.records);
  await expect(upsertIp({ ...update, ...change }, plane)).rejects.toMatchObject({ name: "NotOwner" });
  expect(plane.registry.records).toEqual(before);
  expect(plane.bus.events).toEqual([]);
});

test("an update of a record that is shut or retired meanwhile changes nothing", async () => {
  const plane = await controlPlane({ status: "QUARANTINED" });
  await expect(upsertIp(update, plane)).rejects.toMatchObject({ name: "NotOwner" });
  expect((await plane.record()).status).toBe("QUARANTINED");
  const other = await controlPlane();
  const { updateIp } = other.registry;
  other.registry.updateIp = async (...change) => {
    const written = await updateIp(...change);
    await other.registry.retire(ID, { ec2InstanceId: EC2, at: NOW });
    return written;
  };
  await expect(upsertIp(update, other)).rejects.toMatchObject({ name: "NotOwner" });
});

test("a registration is told on the bus, and again when the bus had not taken it", async () => {
  const plane = await controlPlane();
  const broken = { ...plane, bus: { put: () => Promise.reject(new Error("bus away")) } };
  await expect(upsertIp(anew, broken)).rejects.toThrow("bus away");
  await upsertIp(anew, plane);
  await upsertIp(update, plane);
  expect(plane.bus.events).toEqual([
    {
      detailType: "Instance Registered",
      detail: { id: NEW_ID, ec2InstanceId: OTHER_EC2, ip: "10.0.0.9", flag: "new", generation: 1 },
    },
    {
      detailType: "Instance Registered",
      detail: { id: ID, ec2InstanceId: EC2, ip: "2001:db8::1", flag: "update", generation: 1 },
    },
  ]);
});

test("a low-order public key adds nothing", async () => {
  const plane = await controlPlane();
  await expect(upsertIp({ ...anew, publicKey: "00".repeat(32) }, plane)).rejects.toThrow("publicKey");
  expect(plane.registry.records.has(NEW_ID)).toBe(false);
});
