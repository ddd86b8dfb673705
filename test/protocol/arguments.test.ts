import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  agreedKey,
  drawInstanceId,
  frame,
  isInstanceId,
  keyPair,
  sameSecret,
  sampleHash,
  successor,
  ticketProof,
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
