import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import {
  agreedKey,
  auditDigest,
  frame,
  receiptProof,
  sampleHash,
  sealDigest,
  successor,
  ticketProof,
  useProof,
} from "../../protocol/index.ts";
import vectors from "./vectors.json" with { type: "json" };

test.each(vectors.frame)("frame of $fields", ({ fields, hex }) => {
  expect(frame(...fields).toString("hex")).toBe(hex);
});

test("frame writes numbers as decimal integers", () => {
  expect(frame("i-12", 3)).toEqual(frame("i-12", "3"));
});

test.each(vectors.successor)("successor with nonce '$nonce'", ({ key, nonce, successor: expected }) => {
  expect(successor(key, nonce)).toBe(expected);
});

test("without a nonce the successor is sha256 of the key's text", () => {
  for (const { key, nonce, successor: expected } of vectors.successor) {
    if (nonce === "") expect(createHash("sha256").update(key).digest("hex")).toBe(expected);
  }
});

test.each(vectors.sample)("sample hash of $id at $timeMs", ({ hash, ...sample }) => {
  expect(sampleHash(sample)).toBe(hash);
});

test.each(vectors.ticket)("ticket proof of $id, generation $generation", ({ proof, ...ticket }) => {
  expect(ticketProof(ticket)).toBe(proof);
});

test.each(vectors.receipt)("receipt proof of $id, generation $generation", ({ proof, ...receipt }) => {
  expect(receiptProof(receipt)).toBe(proof);
});

test.each(vectors.agreedKey)("$purpose of $id is the same from both sides", ({ key, ...vector }) => {
  const { agentPrivate, serverPrivate, agentPublic, serverPublic, id, ec2InstanceId, generation } = vector;
  const purpose = vector.purpose as "first-key" | "rekey";
  const common = { purpose, id, ec2InstanceId, generation, agentPublic, serverPublic };
  expect(agreedKey({ ...common, privateKey: agentPrivate, publicKey: serverPublic })).toBe(key);
  expect(agreedKey({ ...common, privateKey: serverPrivate, publicKey: agentPublic })).toBe(key);
});

test.each(vectors.use)("use proof of $consumer", ({ proof, ...use }) => {
  expect(useProof(use)).toBe(proof);
});

test.each(vectors.audit)("audit digest of $subject, line $n", ({ digest, ...line }) => {
  expect(auditDigest(line)).toBe(digest);
});

test.each(vectors.seal)("seal of $day, its heads in any order", ({ digest, ...seal }) => {
  expect(sealDigest(seal)).toBe(digest);
  expect(sealDigest({ ...seal, heads: seal.heads.toReversed() })).toBe(digest);
});
