import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { deriveSuccessor } from "../../../functions/rotation/derive-successor/step.ts";
import { receiptProof, successor, ticketProof } from "../../../protocol/index.ts";
import {
  type ControlPlane,
  controlPlane,
  EC2,
  EXECUTION,
  hex64Of,
  ID,
  LINE,
  NOW,
  pendingOf,
  rekeyOpened,
  TestInstance,
  ticketOf,
} from "../support.ts";

const matched = { id: ID, ec2InstanceId: EC2, generation: 1, verdict: "MATCH" as const, lastProofAt: NOW - 5 };
const next = { id: ID, ec2InstanceId: EC2, generation: 2 };
const derive = (plane: ControlPlane) => deriveSuccessor(matched, plane);

test("the successor is stored as pending, sealed for its generation, with the nonce that KMS computes", async () => {
  const plane = await controlPlane();
  const nonce = await plane.nonces.compute(next);
  await derive(plane);
  const { pending, current, verdict, judgedAt, lastProofAt } = await plane.record();
  expect(pending).toMatchObject({ generation: 2, nonce });
  expect(await plane.vault.unseal(pending?.ciphertext ?? "", next)).toBe(successor(plane.instance.key, nonce));
  expect(current.generation).toBe(1);
  expect({ verdict, judgedAt, lastProofAt }).toEqual({ verdict: "MATCH", judgedAt: NOW - 5, lastProofAt: NOW - 5 });
});

test("the ticket leads the instance to the pending key, and the digest fits its receipt", async () => {
  const plane = await controlPlane();
  const { key } = plane.instance;
  const { generation, receiptDigest } = await derive(plane);
  const ticket = await ticketOf(plane);
  const { nonce } = ticket;
  expect(generation).toBe(2);
  expect(ticket).toEqual({ id: ID, generation: 2, nonce, proof: ticketProof({ ...next, key, nonce }) });
  const proof = receiptProof({ ...next, key: successor(key, nonce), nonce });
  expect(receiptDigest).toBe(createHash("sha256").update(proof).digest("hex"));
  const printed = await plane.instance.obey(ticket);
  expect(JSON.parse(printed.output).receipt.proof).toBe(proof);
});

test("neither key nor nonce nor a proof is in what goes on", async () => {
  const plane = await controlPlane();
  const old = plane.instance.key;
  const output = await derive(plane);
  const { nonce, proof } = await ticketOf(plane);
  const printed = (await plane.instance.obey(await ticketOf(plane))).output;
  for (const secret of [old, plane.instance.key, nonce, proof, JSON.parse(printed).receipt.proof]) {
    expect(JSON.stringify(output)).not.toContain(secret);
  }
});

test("without nonces the successor is the hash of the key's text", async () => {
  const plane = await controlPlane();
  plane.nonceMode = "none";
  await derive(plane);
  expect((await ticketOf(plane)).nonce).toBe("");
  const hashed = createHash("sha256").update(plane.instance.key).digest("hex");
  expect(await plane.vault.unseal((await plane.record()).pending?.ciphertext ?? "", next)).toBe(hashed);
});

test("derived twice, it gives the same and writes once", async () => {
  const plane = await controlPlane();
  const first = await derive(plane);
  const written = await plane.record();
  expect(await derive(plane)).toEqual(first);
  expect(await plane.record()).toEqual(written);
});

test("side by side, both executions get the one successor", async () => {
  const plane = await controlPlane();
  const [one, other] = await Promise.all([derive(plane), derive(plane)]);
  expect(one).toEqual(other);
});

test("a pending key is used again, though nonces are computed otherwise now", async () => {
  const instance = new TestInstance();
  const plane = await controlPlane({}, instance);
  const pending = await pendingOf(instance, plane.vault, hex64Of("an older nonce"));
  await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW });
  plane.nonceMode = "none";
  expect((await derive(plane)).receiptDigest).toBe(pending.receiptDigest);
  expect((await ticketOf(plane)).nonce).toBe(hex64Of("an older nonce"));
});

test("a pending key without a nonce is not pushed once nonces are asked for: the agent would refuse it for ever", async () => {
  const plane = await controlPlane();
  plane.nonceMode = "none";
  const { receiptDigest } = await derive(plane);
  plane.nonceMode = "hmac";
  await expect(derive(plane)).rejects.toMatchObject({ name: "NonceModeChanged" });
  // Unless it holds that key already, and only its receipt is missing.
  const turned = { ...matched, verdict: "MATCH_PENDING" as const };
  expect((await deriveSuccessor(turned, plane)).receiptDigest).toBe(receiptDigest);
  plane.nonceMode = "none";
  expect((await derive(plane)).receiptDigest).toBe(receiptDigest);
});

test("only the generation that was validated is turned", async () => {
  for (const generation of [2, 3]) {
    const plane = await controlPlane({}, new TestInstance({ generation }));
    await expect(derive(plane)).rejects.toMatchObject({ name: "Superseded" });
    expect((await plane.record()).pending).toBeUndefined();
  }
});

test("a record that was restored to an older generation is not turned", async () => {
  const plane = await controlPlane();
  await expect(deriveSuccessor({ ...matched, generation: 2 }, plane)).rejects.toMatchObject({ name: "Superseded" });
});

test.each([
  ["promoted", "Superseded"],
  ["retired", "Retired"],
  ["lost", "UnknownId"],
  ["shut away", "Quarantined"],
])("a record that is %s just before the write ends in %s", async (what, error) => {
  const plane = await controlPlane();
  const { setPending } = plane.registry;
  plane.registry.setPending = async (id, change) => {
    if (what === "shut away") plane.registry.records.set(ID, { ...(await plane.record()), status: "QUARANTINED" });
    if (what === "retired") await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
    if (what === "lost") plane.registry.records.clear();
    if (what === "promoted") {
      await setPending(id, change);
      const { generation, receiptDigest } = change.pending;
      const by = { execution: EXECUTION, at: NOW, dueAt: NOW };
      await plane.registry.promote(id, { generation, receiptDigest, ...by, line: LINE });
    }
    return setPending(id, change);
  };
  await expect(derive(plane)).rejects.toMatchObject({ name: error });
});

test("a key that cannot be decrypted stops it before anything is written", async () => {
  const plane = await controlPlane();
  const record = await plane.record();
  plane.registry.records.set(ID, { ...record, current: { ...record.current, ciphertext: "AAAA" } });
  await expect(derive(plane)).rejects.toMatchObject({ name: "KeyUnreadable" });
  expect((await plane.record()).pending).toBeUndefined();
});

test("nothing is derived while a rekey stands, also where a key is pending already", async () => {
  const plane = await controlPlane();
  await rekeyOpened(plane);
  await expect(derive(plane)).rejects.toMatchObject({ name: "Rekeying" });
  expect(await plane.record()).not.toHaveProperty("pending");
  const beside = await controlPlane();
  await derive(beside);
  await rekeyOpened(beside);
  await expect(derive(beside)).rejects.toMatchObject({ name: "Rekeying" });
});

test("a rekey that is opened just before the write stops it", async () => {
  const plane = await controlPlane();
  const { setPending } = plane.registry;
  plane.registry.setPending = async (...given) => {
    await rekeyOpened(plane);
    return setPending(...given);
  };
  await expect(derive(plane)).rejects.toMatchObject({ name: "Rekeying" });
  expect(await plane.record()).not.toHaveProperty("pending");
});
