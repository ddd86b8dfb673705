import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  agreedKey,
  auditDigest,
  drawInstanceId,
  frame,
  isInstanceId,
  isUsablePublicKey,
  keyPair,
  receiptProof,
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
  ["heads\\[0\\].subject", () => sealDigest({ ...seal, heads: [undefined as never] })],
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

/** What is malformed in the place of a text of 64 hexadecimal characters, whichever it is. */
const NO_HEX64: [string, unknown][] = [
  ["nothing", undefined],
  ["null", null],
  ["a number", 5_200_000_000],
  ["a text that is too short", key.slice(2)],
  ["a text that is too long", `${key}5e`],
  ["a text in upper case", key.toUpperCase()],
  ["a text with a line break after it", `${key}\n`],
  ["a text that is not hexadecimal", key.replace("5", "g")],
  ["a list of one", [key]],
  ["something that becomes such a text", { toString: () => key }],
];

const own = keyPair(randomBytes);
const agreement = {
  purpose: "first-key" as const,
  ...name,
  ...own,
  agentPublic: own.publicKey,
  serverPublic: own.publicKey,
};

test.each([
  ["id", { id: "0A1B2C" }],
  ["ec2InstanceId", { ec2InstanceId: "i-xyz" }],
  ["generation", { generation: 0 }],
])("no key is agreed for a malformed %s", (argument, changes) => {
  expect(() => agreedKey({ ...agreement, ...changes })).toThrow(new RegExp(`^${argument} must be`));
});

test("a purpose that there is not is named and not shown", () => {
  const call = () => agreedKey({ ...agreement, purpose: "5ec2e7" as never });
  expect(call).toThrow(/^purpose must be/);
  expect(call).not.toThrow(/5ec2e7/);
});

describe.each(NO_HEX64)("%s", (_what, malformed) => {
  const calls: [string, string, () => unknown][] = [
    ["key", "successor", () => successor(malformed as string, "")],
    ["nonce", "successor", () => successor(key, malformed as string)],
    ["key", "sampleHash", () => sampleHash({ ...name, key: malformed as string, timeMs: 1 })],
    ["key", "ticketProof", () => ticketProof({ ...name, key: malformed as string, nonce: "" })],
    ["nonce", "ticketProof", () => ticketProof({ ...name, key, nonce: malformed as string })],
    ["key", "receiptProof", () => receiptProof({ ...name, key: malformed as string, nonce: "" })],
    ["nonce", "receiptProof", () => receiptProof({ ...name, key, nonce: malformed as string })],
    ...["privateKey", "publicKey", "agentPublic", "serverPublic"].map((argument): [string, string, () => unknown] => [
      argument,
      "agreedKey",
      () => agreedKey({ ...agreement, [argument]: malformed }),
    ]),
  ];

  test.each(calls)("as %s of %s is named, and not shown", (argument, _function, call) => {
    expect(call).toThrow(new RegExp(`^${argument} must be`));
    expect(call).not.toThrow(/5ec2e7|52000/i);
  });

  test("is no public key to agree with", () => {
    expect(isUsablePublicKey(malformed as string)).toBe(false);
  });
});

test.each([
  ["a fraction", 1.5],
  ["no number", Number.NaN],
  ["infinity", Number.POSITIVE_INFINITY],
  ["a negative number", -1],
  ["a number that is not exact", 2 ** 53],
  ["a large integer", 5n],
  ["nothing", undefined],
  ["null", null],
  ["an object", { toString: () => "i-12" }],
  ["a list", ["i-12"]],
  ["half a character", "5ec2e7\ud800"],
])("frame refuses %s, and names where it stands", (_what, field) => {
  expect(() => frame("i-12", field as string)).toThrow(/^field 2 must be/);
  expect(() => frame("i-12", field as string)).not.toThrow(/5ec2e7/);
});

test("a secret that is no text is named and not shown", () => {
  expect(() => sameSecret(key, 52_000 as never)).toThrow(/^other must be a text$/);
  expect(() => sameSecret(52_000 as never, key)).toThrow(/^one must be a text$/);
});

test("a low-order public key is refused", () => {
  for (const publicKey of ["00".repeat(32), `01${"00".repeat(31)}`]) {
    expect(() => agreedKey({ ...agreement, publicKey, serverPublic: publicKey })).toThrow(
      "publicKey must not be a low-order",
    );
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
