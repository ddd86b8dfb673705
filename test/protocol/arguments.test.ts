import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  agreedKey,
  auditDigest,
  drawInstanceId,
  frame,
  isInstanceId,
  keyPair,
  sameSecret,
  sampleHash,
  sealDigest,
  successor,
  ticketProof,
  useProof,
} from "../../protocol/index.ts";

const key = `${"5ec2e7".repeat(10)}5ec2`;
const name = { id: "0a1b2c", ec2InstanceId: "i-0123456789abcdef0", generation: 2 };

test.each([
  ["key", () => successor(key.toUpperCase(), "")],
  ["key", () => sampleHash({ ...name, key: key.slice(1), timeMs: 1 })],
  ["nonce", () => successor(key, "zz")],
  ["nonce", () => ticketProof({ ...name, key, nonce: key.slice(2) })],
  ["id", () => sampleHash({ ...name, id: "../a1b", key, timeMs: 1 })],
  ["id", () => sampleHash({ ...name, id: "0A1B2C", key, timeMs: 1 })],
  ["ec2InstanceId", () => sampleHash({ ...name, ec2InstanceId: "i-xyz", key, timeMs: 1 })],
  ["generation", () => sampleHash({ ...name, generation: 0, key, timeMs: 1 })],
  ["generation", () => sampleHash({ ...name, generation: 1.5, key, timeMs: 1 })],
  ["timeMs", () => sampleHash({ ...name, key, timeMs: -1 })],
])("a malformed %s is named and its value is not", (argument, call) => {
  expect(call).toThrow(new RegExp(`^${argument} must be`));
  expect(call).not.toThrow(/5ec2e7/i);
});

const use = { credential: "5ec2e7", secret: "orders/db", versionId: "v", consumer: "web", timeMs: 1 };
const line = { previous: "", subject: "0a1b2c", n: 1, timeMs: 1, act: "promoted", details: "{}" };
const head = { subject: "0a1b2c", n: 1, digest: key };
const seal = { previous: "", day: "2026-11-26", heads: [head] };

test.each([
  ["credential", () => useProof({ ...use, credential: "" })],
  ["secret", () => useProof({ ...use, secret: "" })],
  ["versionId", () => useProof({ ...use, versionId: "" })],
  ["consumer", () => useProof({ ...use, consumer: "5ec2e7\ud800" })],
  ["timeMs", () => useProof({ ...use, timeMs: 1.5 })],
  ["previous", () => auditDigest({ ...line, previous: key.toUpperCase() })],
  ["subject", () => auditDigest({ ...line, subject: "" })],
  ["n", () => auditDigest({ ...line, n: 0 })],
  ["timeMs", () => auditDigest({ ...line, timeMs: -1 })],
  ["act", () => auditDigest({ ...line, act: "" })],
  ["details", () => auditDigest({ ...line, details: "5ec2e7" + "{" })],
  ["previous", () => sealDigest({ ...seal, previous: key.slice(1) })],
  ["day", () => sealDigest({ ...seal, day: "2026-02-30" })],
  ["day", () => sealDigest({ ...seal, day: "26 November" })],
  ["heads", () => sealDigest({ ...seal, heads: head as never })],
  ["heads\\[0\\].subject", () => sealDigest({ ...seal, heads: [{ ...head, subject: "" }] })],
  ["heads\\[1\\].n", () => sealDigest({ ...seal, heads: [head, { ...head, n: 0 }] })],
  ["heads\\[0\\].digest", () => sealDigest({ ...seal, heads: [{ ...head, digest: "5ec2e7" }] })],
])("a malformed %s of a proof of use, a line or a seal is named and its value is not", (argument, call) => {
  expect(call).toThrow(new RegExp(`^${argument} must be`));
  expect(call).not.toThrow(/5ec2e7/i);
});

test("a seal takes subjects in the order of their bytes, each once", () => {
  // As JavaScript orders text the second comes first; as UTF-8 its bytes come last.
  const heads = ["\uffee", "😀"].map((subject) => ({ ...head, subject }));
  const fields = heads.flatMap(({ subject, n, digest }) => [subject, n, digest]);
  const bytes = frame("keyturn/seal/v1", "", seal.day, ...fields);
  const expected = createHash("sha256").update(bytes).digest("hex");
  expect(sealDigest({ ...seal, heads })).toBe(expected);
  expect(sealDigest({ ...seal, heads: heads.toReversed() })).toBe(expected);
  expect(() => sealDigest({ ...seal, heads: [head, { ...head, n: 2 }] })).toThrow("heads must name each subject once");
});

test("a low-order public key is refused", () => {
  const own = keyPair(randomBytes);
  for (const publicKey of ["00".repeat(32), `01${"00".repeat(31)}`]) {
    const agreement = { purpose: "first-key" as const, ...name, ...own, publicKey, agentPublic: own.publicKey };
    expect(() => agreedKey({ ...agreement, serverPublic: publicKey })).toThrow("publicKey must not be a low-order");
  }
});

test("frames of different fields are different bytes", () => {
  const fields = fc.array(fc.string(), { maxLength: 4 });
  fc.assert(
    fc.property(fields, fields, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other);
      expect(frame(...one).equals(frame(...other))).toBe(same);
    }),
  );
});

test("a drawn ID is 6 lower-case hexadecimal characters", () => {
  expect(drawInstanceId(() => Buffer.from([0, 0xab, 1]))).toBe("00ab01");
  expect(isInstanceId(drawInstanceId(randomBytes))).toBe(true);
});

test("secrets are the same only when every character is", () => {
  expect(sameSecret(key, key)).toBe(true);
  expect(sameSecret(key, `${key.slice(0, -1)}0`)).toBe(false);
  expect(sameSecret(key, "")).toBe(false);
});
