import { describe, expect, test } from "vitest";
import { type RegisterParts, registerOnce } from "../../agent/registration/register.ts";
import { openIdentity } from "../../agent/state/boot.ts";
import type { Identity } from "../../agent/state/identity-file.ts";
import { storeKeyFile } from "../../agent/state/key-file.ts";
import { successor } from "../../protocol/index.ts";
import { CrashingDisk } from "./fakes/crashing-disk.ts";
import { EC2_INSTANCE_ID, FakeLog, fakeLock, NONCE, PLACES, seededBytes } from "./fakes/parts.ts";
import { Registry } from "./fakes/registry.ts";

// One daemon at a time holds a state folder. Should there be two all the same, whatever either of them decided before
// its call is decided again, under the lock, before it is written.

/** A folder on first boot, and daemons that work on it side by side. */
async function firstBoot() {
  const disk = CrashingDisk.with({});
  const registry = new Registry(seededBytes("control plane"));
  const lock = fakeLock();
  const log = new FakeLog();
  const state = { disk, places: PLACES, lock, log };
  const identity = await openIdentity({ ...state, random: seededBytes("boot") }, EC2_INSTANCE_ID);

  /** Registers; `meanwhile` happens after the answer was given and before it has come. */
  const register = (as: Identity, meanwhile: () => Promise<unknown> = async () => undefined) => {
    const parts: RegisterParts = {
      ...state,
      random: seededBytes("drawn again"),
      register: async (request) => {
        const reply = registry.handle({ method: "POST", path: "/", headers: {}, body: JSON.stringify(request) });
        await meanwhile();
        const { registered, ...rest } = JSON.parse(reply?.body ?? "{}");
        return { kind: registered ? "registered" : "refused", ...rest };
      },
    };
    return registerOnce(parts, as, "10.0.0.1");
  };
  const stored = async () => ({
    identity: JSON.parse((await disk.read(PLACES.identity)) ?? "null"),
    key: JSON.parse((await disk.read(PLACES.key)) ?? "null"),
  });
  /** What a turn does with the key file. */
  const turnOnce = () =>
    lock.hold(async () => {
      const { key } = await stored();
      const turned = { ...key, generation: key.generation + 1, key: successor(key.key, NONCE), nonce: NONCE };
      await storeKeyFile(disk, PLACES.key, turned);
    });
  return { disk, registry, identity, register, stored, turnOnce };
}

describe("two daemons on one folder", () => {
  test("at the first boot: the answer of the slower one does not take the key back to its first generation", async () => {
    const { registry, identity, register, stored, turnOnce } = await firstBoot();
    const slower = await register(identity, async () => {
      await register(identity);
      await turnOnce();
    });
    const { key } = await stored();
    const first = registry.entries.get(identity.id)?.key ?? "";
    expect(key).toMatchObject({ generation: 2, key: successor(first, NONCE) });
    expect(slower).toMatchObject({ identity: { id: identity.id }, outcome: { kind: "registered" } });
    expect(slower.identity.privateKey).toBeUndefined();
  });

  test("that agree the first key one after the other store it once", async () => {
    const { disk, registry, identity, register, stored } = await firstBoot();
    await register(identity, () => register(identity));
    const { key } = await stored();
    expect(key).toMatchObject({ generation: 1, key: registry.entries.get(identity.id)?.key });
    expect(disk.files()).toEqual([PLACES.identity, PLACES.key]);
  });

  test("of which one draws another ID: the other leaves it alone and registers it next", async () => {
    const { registry, identity, register, stored } = await firstBoot();
    const taken = { status: 200, body: JSON.stringify({ registered: false, reason: "ID_TAKEN" }) };
    registry.instead.push(taken, taken);
    let drawn: Identity | undefined;
    const slower = await register(identity, async () => {
      drawn = (await register(identity)).identity;
    });
    expect(drawn?.id).not.toBe(identity.id);
    expect(slower).toEqual({ identity: drawn, outcome: { kind: "unavailable", sentence: expect.any(String) } });
    expect((await stored()).identity).toEqual(drawn);
  });

  test("of which one has drawn another ID: the other does not store a key for the former one", async () => {
    const { registry, identity, register, stored } = await firstBoot();
    let drawn: Identity | undefined;
    const slower = await register(identity, async () => {
      registry.instead.push({ status: 200, body: JSON.stringify({ registered: false, reason: "ID_TAKEN" }) });
      drawn = (await register(identity)).identity;
    });
    expect(slower.identity).toEqual(drawn);
    expect(await stored()).toEqual({ identity: drawn, key: null });
  });

  test("of which one has registered: an ID that is taken all the same is kept with its key", async () => {
    const { registry, identity, register, stored } = await firstBoot();
    registry.instead.push({ status: 200, body: JSON.stringify({ registered: false, reason: "ID_TAKEN" }) });
    const slower = await register(identity, () => register(identity));
    expect(slower.identity).toEqual({ version: 1, id: identity.id, ec2InstanceId: EC2_INSTANCE_ID });
    expect(await stored()).toMatchObject({ identity: { id: identity.id }, key: { id: identity.id, generation: 1 } });
  });
});
