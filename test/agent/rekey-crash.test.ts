import { describe, expect, test } from "vitest";
import { Failure } from "../../agent/failure.ts";
import type { Register } from "../../agent/registration/call.ts";
import { openIdentity } from "../../agent/state/boot.ts";
import type { Hooks } from "../../agent/turn/hooks.ts";
import { type TurnResult, turn } from "../../agent/turn/turn.ts";
import { Crash, CrashingDisk } from "./fakes/crashing-disk.ts";
import { HandClock } from "./fakes/hand-clock.ts";
import { EC2_INSTANCE_ID, FakeLog, FakeSeries, fakeLock, KEY_FILE, lying, PLACES, seededBytes } from "./fakes/parts.ts";
import { Rekeys, rekeyTicket } from "./fakes/rekeys.ts";

const IDENTITY = JSON.stringify({ version: 1, id: KEY_FILE.id, ec2InstanceId: EC2_INSTANCE_ID });
const OUTCOMES = [{ name: "10-a", outcome: "done" }];
const HOOKS: Hooks = { folder: "/hooks.d", list: async () => ["10-a"], begin: () => ({ run: async () => "done" }) };

/** What the agent draws differs from start to start, as it does on a real host: a pair that is lost does not come back. */
function turnOn(disk: CrashingDisk, start: number, register: Register): Promise<TurnResult> {
  return turn({
    ...{
      disk,
      places: PLACES,
      lock: fakeLock(),
      tickets: lying(rekeyTicket()),
      series: new FakeSeries(),
      hooks: HOOKS,
    },
    ...{ nonce: "hmac", clock: new HandClock(), log: new FakeLog() },
    ...{ register, ip: async () => "10.0.0.1", random: seededBytes(`start ${start}`) },
  });
}

/** The daemon starts beside it; without a key it stops with a sentence. */
async function bootOn(disk: CrashingDisk): Promise<void> {
  const parts = { disk, places: PLACES, lock: fakeLock(), random: seededBytes("boot"), log: new FakeLog() };
  await openIdentity(parts, EC2_INSTANCE_ID).catch((error: unknown) => expect(error).toBeInstanceOf(Failure));
}

const KEYS = { altered: JSON.stringify(KEY_FILE), damaged: "{", missing: undefined };

function diskWith(key: keyof typeof KEYS): CrashingDisk {
  const text = KEYS[key];
  return CrashingDisk.with({ [PLACES.identity]: IDENTITY, ...(text !== undefined && { [PLACES.key]: text }) });
}

const undisturbed = diskWith("altered");
await turnOn(undisturbed, 1, new Rekeys().register);
const everyOperation = Array.from({ length: undisturbed.operations }, (_, index) => index + 1);

test("a rekey stores its pair, its key and each hook's end, and erases its pair, by four operations each", () => {
  expect(everyOperation).toHaveLength(4 * 4);
});

/** The same ticket ends with the key that the control plane has agreed, which lasts, and leaves no pair. */
async function expectFinished(disk: CrashingDisk, rekeys: Rekeys, start: number): Promise<void> {
  expect(await turnOn(disk, start, rekeys.register)).toEqual(rekeys.receipt(OUTCOMES));
  for (const later of [disk, ...disk.afterPowerLoss()]) {
    expect(JSON.parse((await later.read(PLACES.key)) ?? "null")).toMatchObject({ generation: 9, key: rekeys.key });
    expect(later.files()).toEqual([PLACES.identity, PLACES.key]);
  }
}

async function died(key: keyof typeof KEYS, operation: number): Promise<{ dead: CrashingDisk; rekeys: Rekeys }> {
  const dead = diskWith(key);
  const rekeys = new Rekeys();
  dead.crashAt = operation;
  await expect(turnOn(dead, 1, rekeys.register)).rejects.toThrow(Crash);
  return { dead, rekeys };
}

/** The disks as they may be after that death, each beside a control plane of its own. */
async function* afterDeath(
  key: keyof typeof KEYS,
  operation: number,
): AsyncGenerator<{ disk: CrashingDisk; rekeys: Rekeys }> {
  const { dead } = await died(key, operation);
  for (let index = -1; index < dead.afterPowerLoss().length; index += 1) {
    const { dead: again, rekeys } = await died(key, operation);
    const disk = index < 0 ? again.afterProcessDeath() : again.afterPowerLoss()[index];
    if (disk !== undefined) yield { disk, rekeys };
  }
}

describe.each(["altered", "damaged", "missing"] as const)("with a key file that is %s,", (key) => {
  test.each(everyOperation)("after a death at disk operation %i the same ticket finishes", async (operation) => {
    for (const boots of [false, true]) {
      for await (const { disk, rekeys } of afterDeath(key, operation)) {
        expect([KEYS[key], rekeys.key]).toContain(await keyOn(disk, KEYS[key]));
        if (boots) await bootOn(disk);
        await expectFinished(disk, rekeys, 2);
      }
    }
  });

  test.each([true, false])("after a call whose answer was lost (%o: it had arrived) so it is, too", async (arrived) => {
    for (const last of [false, true]) {
      const rekeys = new Rekeys();
      const disk = diskWith(key);
      const lost: Register = async (request) => {
        if (arrived) await rekeys.register(request);
        return { kind: "unavailable", sentence: "The connection broke." };
      };
      expect(await turnOn(disk, 1, lost)).toMatchObject({ refused: { reason: "REKEY_UNAVAILABLE" } });
      const [least = disk] = disk.afterPowerLoss();
      await expectFinished(last ? least : disk, rekeys, 2);
    }
  });
});

test.each(everyOperation)(
  "without a key file, it does so after a second death, with the power, after one at operation %i",
  async (operation) => {
    for (const second of everyOperation) {
      const { dead, rekeys: first } = await died("missing", operation);
      const disk = dead.afterProcessDeath();
      disk.crashAt = second;
      await turnOn(disk, 2, first.register).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      // A pair that nobody has heard of may be lost, and another one is then the first.
      const [least] = disk.afterPowerLoss();
      if (least !== undefined) await expectFinished(least, first, 3);
    }
  },
);

/** The text of the key file as it was, or the key that it holds by now. */
async function keyOn(disk: CrashingDisk, before: string | undefined): Promise<string | undefined> {
  const text = await disk.read(PLACES.key);
  return text === before || text === undefined ? text : JSON.parse(text).key;
}
