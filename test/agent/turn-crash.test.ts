import { describe, expect, test } from "vitest";
import type { KeyFile } from "../../agent/state/key-file.ts";
import type { Hooks } from "../../agent/turn/hooks.ts";
import { type TurnResult, turn } from "../../agent/turn/turn.ts";
import { successor } from "../../protocol/index.ts";
import { Crash, CrashingDisk } from "./fakes/crashing-disk.ts";
import { HandClock } from "./fakes/hand-clock.ts";
import {
  FakeLog,
  FakeSeries,
  fakeLock,
  KEY,
  KEY_FILE,
  lying,
  NONCE,
  noRekey,
  PLACES,
  ticketFor,
} from "./fakes/parts.ts";

const KEY_AFTER = successor(KEY, NONCE);

function countingHooks(names: string[], runs: Map<string, number>): Hooks {
  return {
    folder: "/hooks.d",
    list: async () => names,
    begin: () => ({
      run: async (name) => {
        runs.set(name, (runs.get(name) ?? 0) + 1);
        return name === "10-a" ? "done" : "failed";
      },
    }),
  };
}

function turnOn(disk: CrashingDisk, hooks: string[], runs = new Map<string, number>()): Promise<TurnResult> {
  return turn({
    tickets: lying(ticketFor()),
    disk,
    places: PLACES,
    lock: fakeLock(),
    series: new FakeSeries(),
    hooks: countingHooks(hooks, runs),
    nonce: "hmac",
    clock: new HandClock(),
    log: new FakeLog(),
    ...noRekey,
  });
}

const freshDisk = () => CrashingDisk.with({ [PLACES.key]: JSON.stringify(KEY_FILE) });

async function keyOn(disk: CrashingDisk): Promise<string> {
  const file: KeyFile = JSON.parse((await disk.read(PLACES.key)) ?? "null");
  return file.key;
}

/** Every operation of a turn with these hooks, and the receipt of one that nothing disturbs. */
async function operationsWith(hooks: string[]): Promise<{ hooks: string[]; operation: number; receipt: TurnResult }[]> {
  const disk = freshDisk();
  const receipt = await turnOn(disk, hooks);
  return Array.from({ length: disk.operations }, (_, index) => ({ hooks, operation: index + 1, receipt }));
}

const without = await operationsWith([]);
const withTwo = await operationsWith(["10-a", "20-b"]);

test("a turn replaces the key file once, and once more for each hook, by four operations each", () => {
  expect([without.length, withTwo.length]).toEqual([4, 12]);
});

describe.each([...without, ...withTwo])(
  "death at disk operation $operation of a turn with $hooks.length hooks:",
  (at) => {
    const { hooks, operation, receipt } = at;

    async function died(): Promise<{ disk: CrashingDisk; runs: Map<string, number> }> {
      const disk = freshDisk();
      const runs = new Map<string, number>();
      disk.crashAt = operation;
      await expect(turnOn(disk, hooks, runs)).rejects.toThrow(Crash);
      return { disk, runs };
    }

    test("of the process alone: the key is the old or the new one, and the same ticket finishes the turn", async () => {
      const { disk: dead, runs } = await died();
      const disk = dead.afterProcessDeath();
      expect([KEY, KEY_AFTER]).toContain(await keyOn(disk));
      expect(await turnOn(disk, hooks, runs)).toEqual(receipt);
      expect(await keyOn(disk)).toBe(KEY_AFTER);
      // Each hook has run; only the one whose progress was being noted may have run twice.
      const counts = hooks.map((name) => runs.get(name) ?? 0);
      expect(counts.every((count) => count >= 1)).toBe(true);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(hooks.length + 1);
      expect(disk.files()).toEqual([PLACES.key]);
    });

    test("with a loss of power: whatever happened to last, the same ticket finishes the turn", async () => {
      const { disk: dead } = await died();
      const outcomes = dead.afterPowerLoss();
      expect(outcomes.length).toBeGreaterThan(0);
      for (const disk of outcomes) {
        expect([KEY, KEY_AFTER]).toContain(await keyOn(disk));
        expect(await turnOn(disk, hooks)).toEqual(receipt);
        expect(await keyOn(disk)).toBe(KEY_AFTER);
      }
    });

    test("a receipt given afterwards outlives a loss of power", async () => {
      const { disk: dead } = await died();
      const disk = dead.afterProcessDeath();
      expect(await turnOn(disk, hooks)).toEqual(receipt);
      for (const later of disk.afterPowerLoss()) expect(await keyOn(later)).toBe(KEY_AFTER);
    });
  },
);
