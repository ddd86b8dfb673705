import { expect, test } from "vitest";
import { type RegisterParts, registerOnce } from "../../agent/registration/register.ts";
import { openIdentity } from "../../agent/state/boot.ts";
import { Crash, CrashingDisk } from "./fakes/crashing-disk.ts";
import { EC2_INSTANCE_ID, FakeLog, fakeLock, PLACES, seededBytes } from "./fakes/parts.ts";
import { Registry } from "./fakes/registry.ts";

/** Boots and registers; what is drawn differs from boot to boot, as it does on a real host. */
async function bootAndRegister(disk: CrashingDisk, registry: Registry, boot: number): Promise<void> {
  const parts: RegisterParts = {
    disk,
    places: PLACES,
    lock: fakeLock(),
    random: seededBytes(`boot ${boot}`),
    log: new FakeLog(),
    register: async (request) => {
      const reply = registry.handle({ method: "POST", path: "/", headers: {}, body: JSON.stringify(request) });
      return { kind: "registered", ...JSON.parse(reply?.body ?? "{}") };
    },
  };
  await registerOnce(parts, await openIdentity(parts, EC2_INSTANCE_ID), "10.0.0.1");
}

const newRegistry = () => new Registry(seededBytes("control plane"));
const undisturbed = CrashingDisk.with({});
await bootAndRegister(undisturbed, newRegistry(), 1);
const everyOperation = Array.from({ length: undisturbed.operations }, (_, index) => index + 1);

test("from the first boot to the first key three files are replaced, by four operations each", () => {
  expect(everyOperation).toHaveLength(12);
});

async function died(operation: number, registry: Registry): Promise<CrashingDisk> {
  const disk = CrashingDisk.with({});
  disk.crashAt = operation;
  await expect(bootAndRegister(disk, registry, 1)).rejects.toThrow(Crash);
  return disk;
}

async function expectOneKey(disk: CrashingDisk, registry: Registry): Promise<void> {
  const identity = JSON.parse((await disk.read(PLACES.identity)) ?? "null");
  const key = JSON.parse((await disk.read(PLACES.key)) ?? "null");
  expect(identity).toEqual({ version: 1, id: key.id, ec2InstanceId: EC2_INSTANCE_ID });
  expect(key.key).toBe(registry.entries.get(identity.id)?.key);
}

test.each(everyOperation)(
  "after a death at disk operation %i the next boot ends with the registry's key",
  async (operation) => {
    const registry = newRegistry();
    const dead = await died(operation, registry);
    for (const disk of [...dead.afterPowerLoss(), dead.afterProcessDeath()]) {
      await bootAndRegister(disk, registry, 2);
      await expectOneKey(disk, registry);
    }
  },
);

test.each(everyOperation)(
  "so it does after a second death, with the power, in the boot after operation %i",
  async (operation) => {
    for (const second of everyOperation) {
      const registry = newRegistry();
      const disk = (await died(operation, registry)).afterProcessDeath();
      disk.crashAt = second;
      // Later operations than this boot needs do not disturb it; the power is lost then after its end.
      await bootAndRegister(disk, registry, 2).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      for (const later of disk.afterPowerLoss()) {
        await bootAndRegister(later, registry, 3);
        await expectOneKey(later, registry);
      }
    }
  },
);
