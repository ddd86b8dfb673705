import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../agent/clock.ts";
import { fileLock } from "../../agent/state/lock.ts";
import { HandClock } from "./fakes/hand-clock.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-lock-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the lock on the key file", () => {
  test("is held by one at a time, also within a process", async () => {
    const path = join(folder, "one.lock");
    const steps: string[] = [];
    const work = (name: string) =>
      fileLock(path, 5_000, systemClock).hold(async () => {
        steps.push(`${name} in`);
        await systemClock.sleep(30);
        steps.push(`${name} out`);
      });
    await Promise.all([work("a"), work("b"), work("c")]);
    for (const index of [0, 2, 4]) {
      expect(steps[index + 1]).toBe(steps[index]?.replace("in", "out"));
    }
  });

  test("is let go when the work fails", async () => {
    const lock = fileLock(join(folder, "failed.lock"), 0, systemClock);
    await expect(lock.hold(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await lock.hold(async () => "held")).toBe("held");
  });

  test("that cannot be had in time is a clear error", async () => {
    const path = join(folder, "busy.lock");
    await fileLock(path, 0, systemClock).hold(async () => {
      const other = fileLock(path, 50, systemClock).hold(async () => "never");
      await expect(other).rejects.toThrow(/busy\.lock has been held by another keyturn-agent for 0\.05 s/);
    });
  });

  test("is waited for as long as it takes, however the clock is set meanwhile", async () => {
    const clock = new HandClock();
    await fileLock(join(folder, "set.lock"), 0, clock).hold(async () => {
      let ended = false;
      const other = fileLock(join(folder, "set.lock"), 60_000, clock).hold(async () => "never");
      const refused = expect(other.finally(() => (ended = true))).rejects.toThrow("held by another");
      // The lock's own file operations are over when it sleeps.
      await vi.waitFor(() => expect(clock.nextIn).toBeDefined(), { interval: 5 });
      clock.setBy(86_400_000);
      await clock.advance(59_000);
      expect(ended).toBe(false);
      clock.setBy(-2 * 86_400_000);
      await clock.advance(2_000);
      await refused;
    });
  });

  test("is not waited for by one that is told to stop", async () => {
    const path = join(folder, "stopped.lock");
    await fileLock(path, 0, systemClock).hold(async () => {
      const other = fileLock(path, 60_000, systemClock, AbortSignal.abort()).hold(async () => "never");
      await expect(other).rejects.toThrow("Stopped while waiting");
    });
  });

  test("in a folder that is not there is a clear error", async () => {
    const lock = fileLock(join(folder, "nowhere/key.lock"), 0, systemClock);
    await expect(lock.hold(async () => "never")).rejects.toThrow(/Cannot open .*nowhere\/key\.lock/);
  });

  test("is let go by the kernel when its holder is killed", async () => {
    const path = join(folder, "killed.lock");
    const script = `
      import { DatabaseSync } from "node:sqlite";
      new DatabaseSync(${JSON.stringify(path)}).exec("BEGIN EXCLUSIVE");
      console.log("held");
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    await expect(fileLock(path, 0, systemClock).hold(async () => "never")).rejects.toThrow("held by another");
    holder.kill("SIGKILL");
    expect(await fileLock(path, 5_000, systemClock).hold(async () => "held")).toBe("held");
  });
});
