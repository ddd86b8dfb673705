import { describe, expect, test } from "vitest";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { upsertIp } from "../../../functions/registration/upsert-ip/step.ts";
import { awaitFormer } from "../../../functions/rotation/await-former/step.ts";
import { agreedKey, keyPair } from "../../../protocol/index.ts";
import {
  type ControlPlane,
  controlPlane,
  duesOf,
  EC2,
  EXECUTION,
  hex64Of,
  ID,
  INTERVAL_MS,
  LINE,
  NOW,
  OTHER_EC2,
  pendingOf,
  ROTATE_EVERY_MS,
  seededRandom,
  TestInstance,
} from "../support.ts";

const A_DAY_MS = 24 * 3600 * 1000;
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
    auditDue: [
      { act: "registered", timeMs: NOW, details: `{"ec2InstanceId":"${OTHER_EC2}","generation":1,"ip":"10.0.0.9"}` },
    ],
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

describe("beside a record that its EC2 instance has", () => {
  const beside = { ...anew, ec2InstanceId: EC2 };
  const owner = (plane: ControlPlane) => plane.registry.findOwner(EC2);

  test("an instance is new, with its key agreed, and due after a window; the other keeps its key", async () => {
    const plane = await controlPlane();
    const before = await plane.record();
    const { serverPublic } = await upsertIp(beside, plane);
    const newcomer = await plane.record(NEW_ID);
    expect(newcomer).toMatchObject({ status: "NEW", serverPublic, dueAt: NOW + 10 * INTERVAL_MS });
    const name = { id: NEW_ID, ec2InstanceId: EC2, generation: 1 };
    expect(await plane.vault.unseal(newcomer.current.ciphertext, name)).toMatch(/^[0-9a-f]{64}$/);
    expect(await owner(plane)).toMatchObject({ holder: ID, newcomer: NEW_ID, cameAt: [NOW] });
    expect(await plane.record()).toEqual(before);
    expect(plane.mail.sent).toEqual([]);
  });

  test("the same call again gets the same answer, and stays new", async () => {
    const plane = await controlPlane();
    const first = await upsertIp(beside, plane);
    const record = await plane.record(NEW_ID);
    plane.clock.at += 5000;
    expect(await upsertIp(beside, plane)).toEqual(first);
    expect(await plane.record(NEW_ID)).toEqual(record);
    expect(await owner(plane)).toMatchObject({ newcomer: NEW_ID, cameAt: [NOW] });
    await upsertIp({ ...update, id: NEW_ID }, plane);
    expect(await plane.record(NEW_ID)).toMatchObject({ status: "NEW", ip: update.ip });
  });

  test("a later newcomer takes an earlier one's place, who comes again under another ID", async () => {
    const plane = await controlPlane();
    await upsertIp(beside, plane);
    const later = { ...beside, id: "900000", publicKey: keyPair(seededRandom("b")).publicKey };
    await upsertIp(later, plane);
    expect(await owner(plane)).toMatchObject({ holder: ID, newcomer: "900000" });
    await expect(upsertIp(beside, plane)).rejects.toMatchObject({ name: "IdTaken" });
    expect(await owner(plane)).toMatchObject({ newcomer: "900000" });
    // What is left of the earlier one goes when it is due.
    await expect(awaitFormer({ id: NEW_ID, execution: EXECUTION }, plane)).rejects.toMatchObject({ name: "Retired" });
    expect(await plane.registry.find(NEW_ID)).toMatchObject({ status: "RETIRED" });
  });

  test("an earlier newcomer that has proved itself keeps the place, though it is not written yet", async () => {
    const plane = await controlPlane();
    await upsertIp(beside, plane);
    const pending = await pendingOf(new TestInstance({ id: NEW_ID }), plane.vault, "");
    await plane.registry.setPending(NEW_ID, { pending, verdict: "MATCH", lastProofAt: NOW });
    const promotion = { generation: 2, receiptDigest: pending.receiptDigest, execution: "an execution" };
    await plane.registry.promote(NEW_ID, { ...promotion, at: NOW, dueAt: NOW, line: LINE });
    await upsertIp({ ...beside, id: "900000" }, plane);
    expect(await owner(plane)).toMatchObject({ holder: NEW_ID, newcomer: "900000", former: ID });
    expect(await plane.record(NEW_ID)).toMatchObject({ status: "NEW" });
  });

  test.each(["holder", "newcomer"] as const)(
    "an instance whose %s is in quarantine does not get out of it",
    async (who) => {
      const plane = await controlPlane();
      await upsertIp(beside, plane);
      const id = who === "holder" ? ID : NEW_ID;
      plane.registry.records.set(id, { ...(await plane.record(id)), status: "QUARANTINED" });
      const before = await owner(plane);
      await expect(upsertIp({ ...beside, id: "900000" }, plane)).rejects.toMatchObject({ name: "Quarantined" });
      expect(plane.registry.records.has("900000")).toBe(false);
      expect(await owner(plane)).toEqual(before);
    },
  );

  test("five new IDs come in a day, the sixth when the first is a day ago", async () => {
    const plane = await controlPlane();
    const come = (n: number) => upsertIp({ ...beside, id: `90000${n}` }, plane);
    for (let n = 0; n < 5; n += 1) {
      await come(n);
      plane.clock.at += 1000;
    }
    await expect(come(5)).rejects.toMatchObject({ name: "TooManyIds" });
    expect(plane.registry.records.has("900005")).toBe(false);
    expect(await come(4)).toMatchObject({ generation: 1 });
    plane.clock.at = NOW + A_DAY_MS - 1;
    await expect(come(5)).rejects.toMatchObject({ name: "TooManyIds" });
    plane.clock.at += 1;
    await come(5);
    await expect(come(6)).rejects.toMatchObject({ name: "TooManyIds" });
    expect((await plane.record()).status).toBe("ACTIVE");
  });

  test("none is forgotten that another displaced, and after fifty no other comes", async () => {
    const plane = await controlPlane();
    const come = (n: number) => {
      plane.clock.at += A_DAY_MS;
      return upsertIp({ ...beside, id: (0x900000 + n).toString(16) }, plane);
    };
    for (let n = 0; n <= 50; n += 1) await come(n);
    const { displaced = [] } = (await owner(plane)) ?? {};
    expect([displaced.length, displaced[0]]).toEqual([50, "900000"]);
    await expect(come(51)).rejects.toMatchObject({ name: "TooManyIds" });
    await plane.registry.retire(ID, { ec2InstanceId: EC2, at: plane.clock.at, line: LINE });
    await come(51);
    expect(await owner(plane)).not.toHaveProperty("displaced");
  });

  test("nor is one that was retired meanwhile: the host may be that one, and a thief have had it retired", async () => {
    const plane = await controlPlane();
    const thiefs = { ...beside, id: "900000", publicKey: keyPair(seededRandom("thief")).publicKey };
    await upsertIp(beside, plane);
    plane.clock.at += A_DAY_MS;
    const wrote = (id: string) =>
      plane.timeSeries.write(id, EC2, { timeMs: plane.now(), generation: 1, hash: "spoilt" });
    const retired = (id: string) =>
      expect(awaitFormer({ id, execution: EXECUTION }, plane)).rejects.toMatchObject({ name: "Retired" });
    // The thief writes under the former's ID, until the newcomer is retired; then he comes himself.
    wrote(ID);
    await retired(NEW_ID);
    await upsertIp(thiefs, plane);
    expect(await owner(plane)).toMatchObject({ newcomer: "900000", displaced: [NEW_ID] });
    // The host goes on writing by the key that it has.
    plane.clock.at += A_DAY_MS;
    wrote(NEW_ID);
    await retired("900000");
  });

  test("one that comes again in its own place does not have to be silent itself", async () => {
    const plane = await controlPlane();
    const died = await owner(plane);
    await plane.registry.writeOwner(EC2, { holder: ID, newcomer: NEW_ID, cameAt: [] }, died);
    await upsertIp({ ...beside, id: "900000" }, plane);
    await upsertIp(beside, plane);
    expect(await owner(plane)).toMatchObject({ newcomer: NEW_ID, displaced: ["900000"] });
  });

  test.each<[string, (plane: ControlPlane) => unknown]>([
    ["is retired", (plane) => plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE })],
    ["was never written", (plane) => plane.registry.records.delete(ID)],
    [
      "is another host's",
      async (plane) => plane.registry.records.set(ID, { ...(await plane.record()), ec2InstanceId: OTHER_EC2 }),
    ],
  ])("which %s, an instance is active at once", async (_, change) => {
    const plane = await controlPlane();
    await change(plane);
    await upsertIp(beside, plane);
    expect(await plane.record(NEW_ID)).toMatchObject({ status: "ACTIVE" });
    expect(await owner(plane)).toMatchObject({ holder: NEW_ID });
  });

  test("where the owner item was lost, the record that is there is found all the same", async () => {
    const plane = await controlPlane();
    plane.registry.owners.clear();
    await upsertIp(beside, plane);
    expect(await plane.record(NEW_ID)).toMatchObject({ status: "NEW" });
    expect(await owner(plane)).toMatchObject({ holder: ID, newcomer: NEW_ID });
  });
});

test("a record whose place another registration was given is retired, and says so", async () => {
  const plane = await controlPlane();
  await upsertIp(anew, plane);
  plane.registry.owners.set(OTHER_EC2, { holder: "900000", cameAt: [], version: 9 });
  await expect(upsertIp(anew, plane)).rejects.toMatchObject({ name: "IdTaken" });
  expect((await duesOf(plane, NEW_ID))[1]).toEqual(["retired", { why: "another registration has its place" }]);
});

describe("a host that EC2 has said is terminated", () => {
  test("has its record retired when it comes again, and that says why", async () => {
    const plane = await controlPlane();
    await upsertIp(anew, plane);
    await plane.registry.noteEnded(OTHER_EC2, { at: NOW });
    await expect(upsertIp(anew, plane)).rejects.toMatchObject({ name: "Retired" });
    expect((await duesOf(plane, NEW_ID))[1]).toEqual(["retired", { why: "EC2 says terminated" }]);
  });

  test("is not added any more", async () => {
    const plane = await controlPlane();
    await plane.registry.noteEnded(OTHER_EC2, { at: NOW });
    await expect(upsertIp(anew, plane)).rejects.toMatchObject({ name: "Retired" });
    expect(plane.registry.records.has(NEW_ID)).toBe(false);
    expect(plane.bus.events).toEqual([]);
  });

  test.each(["findOwner", "writeOwner", "add"] as const)(
    "leaves no live record where it ends while its registration is on its way (%s)",
    async (call) => {
      for (const when of ["before", "after"]) {
        const plane = await controlPlane();
        const real = plane.registry[call] as (...given: unknown[]) => Promise<unknown>;
        let ended = false;
        const end = async () => {
          if (!ended) await plane.registry.noteEnded(OTHER_EC2, { at: NOW });
          ended = true;
        };
        const registry = Object.assign(
          { ...plane.registry },
          {
            [call]: async (...given: unknown[]) => {
              if (when === "before") await end();
              const answer = await real(...given);
              if (when === "after") await end();
              return answer;
            },
          },
        );
        await expect(upsertIp(anew, { ...plane, registry })).rejects.toMatchObject({ name: "Retired" });
        expect((await plane.registry.find(NEW_ID))?.status ?? "RETIRED").toBe("RETIRED");
      }
    },
  );
});

test("an ID that is there, and not by this call, is taken", async () => {
  const plane = await controlPlane({}, new TestInstance({ generation: 2 }));
  const own = { ...anew, id: ID, ec2InstanceId: EC2 };
  await expect(upsertIp(own, plane)).rejects.toMatchObject({ name: "IdTaken" });
  await expect(upsertIp({ ...own, publicKey: hex64Of("agent public") }, plane)).rejects.toMatchObject({
    name: "IdTaken",
  });
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  await expect(upsertIp(own, plane)).rejects.toMatchObject({ name: "IdTaken" });
  expect(plane.bus.events).toEqual([]);
});

test("the owner's update changes its IP and start, and nothing else", async () => {
  const plane = await controlPlane({}, new TestInstance({ generation: 4 }));
  const before = await plane.record();
  expect(await upsertIp({ ...update, agentVersion: before.agentVersion }, plane)).toEqual({
    generation: 4,
    serverPublic: before.serverPublic,
  });
  expect(await plane.record()).toEqual({ ...before, ip: "2001:db8::1", startedAt: NOW });
});

test("the version that an agent says is kept with each registration, until it says none", async () => {
  const plane = await controlPlane();
  await upsertIp({ ...anew, agentVersion: "0.2.0" }, plane);
  expect(await plane.record(NEW_ID)).toMatchObject({ agentVersion: "0.2.0" });
  await upsertIp({ ...update, agentVersion: "0.3.0" }, plane);
  expect(await plane.record()).toMatchObject({ agentVersion: "0.3.0" });
  await upsertIp(update, plane);
  expect(await plane.record()).not.toHaveProperty("agentVersion");
});

test.each<[string | undefined, Partial<InstanceRecord>]>([
  [undefined, {}],
  ["MATCH", { verdict: "MATCH" }],
  ["MISMATCH", { verdict: "MISMATCH", failingSince: NOW }],
  [undefined, { verdict: "PushFailed" }],
])("an update is answered with what was last judged: %s", async (verdict, changes) => {
  const plane = await controlPlane(changes);
  expect((await upsertIp(update, plane)).verdict).toBe(verdict);
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
    await other.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
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
