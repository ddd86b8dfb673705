import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import type { Desk } from "../../../local/play/desk.ts";
import { Plays } from "../../../local/play/plays.ts";
import type { Instance } from "../../../operator/reads/instances.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
let plays: Plays | undefined;
afterEach(() => {
  plays?.close();
  rmSync(folder, { recursive: true });
});

test("a host that was stopped before this start can be started here, and a kill of long ago is no news", async () => {
  const killed = { number: 7, startedAt: NOW - 3_600_000, killedAt: NOW - 3_600_000, underWay: [], well: [] };
  writeFileSync(join(folder, "killed.json"), JSON.stringify(killed));
  const all: Instance[] = [
    { id: "a1b2c3", ec2InstanceId: "i-0123456789abcdef0", status: "STOPPED" },
    { id: "d4e5f6", ec2InstanceId: "i-0123456789abcdef1", status: "ACTIVE", verdict: "MATCH" },
  ];
  const sent: unknown[][] = [];
  const desk = {
    aws: { instances: { send: (...what: unknown[]) => sent.push(what) } },
    ...{ folder, times: { sampleMs: 1000, lookMs: 1000, skewMs: 0 }, orders: { missing: "None." } },
    ...{ instances: async () => all, tell: () => undefined, now: () => NOW, killAndStartAgain: undefined },
  } as unknown as Omit<Desk, "lastRun">;
  plays = new Plays(desk);
  const runs = async () => (await plays?.document())?.runs ?? [];
  await vi.waitFor(async () => expect(await runs()).toHaveLength(1), { timeout: 5000 });
  const [run] = await runs();
  expect(run).toMatchObject({ name: "stop", id: "a1b2c3" });
  await plays.mend(run?.number ?? 0);
  expect(sent).toEqual([[["i-0123456789abcdef0"], "pending"]]);
});
