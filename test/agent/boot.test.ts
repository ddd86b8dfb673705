import { describe, expect, test } from "vitest";
import { openIdentity } from "../../agent/state/boot.ts";
import type { Identity } from "../../agent/state/identity-file.ts";
import type { Lock } from "../../agent/state/lock.ts";
import { keyPair } from "../../protocol/index.ts";
import { CrashingDisk } from "./fakes/crashing-disk.ts";
import { EC2_INSTANCE_ID, FakeLog, fakeLock, KEY_FILE, PLACES, seededBytes } from "./fakes/parts.ts";

const IDENTITY: Identity = { version: 1, id: KEY_FILE.id, ec2InstanceId: EC2_INSTANCE_ID };
const PAIR = keyPair(seededBytes("a pair"));

function host(files: { identity?: object | string; key?: object | string }, seed = "host") {
  const text = (value: object | string) => (typeof value === "string" ? value : JSON.stringify(value));
  const disk = CrashingDisk.with({
    ...(files.identity === undefined ? {} : { [PLACES.identity]: text(files.identity) }),
    ...(files.key === undefined ? {} : { [PLACES.key]: text(files.key) }),
  });
  return partsOn(disk, seed);
}

function partsOn(disk: CrashingDisk, seed: string) {
  return { disk, places: PLACES, lock: fakeLock(), random: seededBytes(seed), log: new FakeLog() };
}

async function stored(disk: CrashingDisk): Promise<{ identity: Identity; key: typeof KEY_FILE | null }> {
  return {
    identity: JSON.parse((await disk.read(PLACES.identity)) ?? "null"),
    key: JSON.parse((await disk.read(PLACES.key)) ?? "null"),
  };
}

describe("at boot", () => {
  test("without files, an ID and a key pair are drawn and stored", async () => {
    const parts = host({});
    const identity = await openIdentity(parts, EC2_INSTANCE_ID);
    expect(identity).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{6}$/), ec2InstanceId: EC2_INSTANCE_ID });
    expect(await stored(parts.disk)).toEqual({ identity, key: null });
  });

  test("with an identity of this host, it is kept and nothing is written", async () => {
    const parts = host({ identity: IDENTITY, key: KEY_FILE });
    expect(await openIdentity(parts, EC2_INSTANCE_ID)).toEqual(IDENTITY);
    expect(parts.disk.operations).toBe(0);
  });

  test("with an identity that is not registered yet, the same is registered again", async () => {
    const identity = { ...IDENTITY, ...PAIR };
    const parts = host({ identity });
    expect(await openIdentity(parts, EC2_INSTANCE_ID)).toEqual(identity);
    expect(await stored(parts.disk)).toEqual({ identity, key: null });
  });

  test("with the identity of another host, the key is erased and a new identity drawn", async () => {
    const parts = host({ identity: IDENTITY, key: KEY_FILE });
    const other = "i-0fedcba9876543210";
    const identity = await openIdentity(parts, other);
    expect(identity).toMatchObject({ ec2InstanceId: other, publicKey: expect.any(String) });
    expect(identity.id).not.toBe(IDENTITY.id);
    expect(await stored(parts.disk)).toEqual({ identity, key: null });
  });

  test("a private key left beside a stored key is erased", async () => {
    const parts = host({ identity: { ...IDENTITY, ...PAIR }, key: KEY_FILE });
    expect(await openIdentity(parts, EC2_INSTANCE_ID)).toEqual(IDENTITY);
    expect(await stored(parts.disk)).toEqual({ identity: IDENTITY, key: KEY_FILE });
  });

  describe("the key pair of a rekey", () => {
    const pairTo = (generation: number, id = KEY_FILE.id) =>
      JSON.stringify({ ...IDENTITY, id, pairs: [{ generation, nonce: "c7".repeat(32), ...PAIR }] });

    test.each([
      ["whose key is held", pairTo(KEY_FILE.generation)],
      ["of another ID", pairTo(9, "ffffff")],
      ["that is damaged", "{"],
    ])("%s is erased for good", async (_what, text) => {
      const { disk, ...parts } = host({ identity: IDENTITY, key: KEY_FILE });
      await disk.write(PLACES.rekey, text);
      await openIdentity({ disk, ...parts }, EC2_INSTANCE_ID);
      for (const later of [disk, ...disk.afterPowerLoss()]) expect(later.files()).not.toContain(PLACES.rekey);
    });

    test("of one that is still to come is kept, and nobody waits for the lock", async () => {
      const { disk, ...parts } = host({ identity: IDENTITY, key: KEY_FILE });
      await disk.write(PLACES.rekey, pairTo(9));
      const lock: Lock = { hold: () => expect.unreachable() };
      expect(await openIdentity({ disk, ...parts, lock }, EC2_INSTANCE_ID)).toEqual(IDENTITY);
      expect(await disk.read(PLACES.rekey)).toBe(pairTo(9));
    });

    test("goes with the key on a copied disk", async () => {
      const { disk, ...parts } = host({ identity: IDENTITY, key: KEY_FILE });
      await disk.write(PLACES.rekey, pairTo(9));
      await openIdentity({ disk, ...parts }, "i-0fedcba9876543210");
      for (const later of [disk, ...disk.afterPowerLoss()]) expect(later.files()).toEqual([PLACES.identity]);
    });
  });

  test("what a death left beside the files, a key too, is removed", async () => {
    const parts = host({ identity: IDENTITY, key: KEY_FILE });
    for (const path of [PLACES.key, PLACES.identity, PLACES.rekey]) await parts.disk.write(`${path}.next`, "half a k");
    expect(await openIdentity(parts, EC2_INSTANCE_ID)).toEqual(IDENTITY);
    for (const disk of [parts.disk, ...parts.disk.afterPowerLoss()]) {
      expect(disk.files()).toEqual([PLACES.identity, PLACES.key]);
    }
    expect(await stored(parts.disk)).toEqual({ identity: IDENTITY, key: KEY_FILE });
  });

  test.each([
    ["an identity that is no JSON", { identity: '{"version":1,' }, /identity\.json is damaged/],
    ["an empty identity", { identity: "" }, /identity\.json is damaged/],
    ["an identity of another version", { identity: { ...IDENTITY, version: 2 } }, /its version is not 1/],
    ["an identity with a malformed ID", { identity: { ...IDENTITY, id: "0A1B2C" } }, /id is malformed/],
    ["half a key pair", { identity: { ...IDENTITY, publicKey: PAIR.publicKey } }, /key pair is malformed/],
    ["a damaged key", { identity: IDENTITY, key: { ...KEY_FILE, key: "" } }, /key\.json is damaged .* by a rekey/],
    ["an identity without its key", { identity: IDENTITY }, /key\.json is missing\. .* by a rekey; it keeps its ID/],
    ["a key without its identity", { key: KEY_FILE }, /identity\.json is missing/],
    ["a key of another ID", { identity: IDENTITY, key: { ...KEY_FILE, id: "ffffff" } }, /different instances/],
  ])("%s never makes a new instance: it stops and changes nothing", async (_what, files, sentence) => {
    const parts = host(files);
    await expect(openIdentity(parts, EC2_INSTANCE_ID)).rejects.toThrow(sentence);
    expect(parts.disk.operations).toBe(0);
  });
});
