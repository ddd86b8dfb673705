import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../agent/clock.ts";
import { Failure } from "../../agent/failure.ts";
import { fileLock, lockTrouble } from "../../agent/state/lock.ts";
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
    await expect(lock.hold(async () => "never")).rejects.toThrow(/Cannot lock .*nowhere\/key\.lock/);
  });

  test("needs no room on the disk: nothing is written for it", async () => {
    mkdirSync(join(folder, "full"));
    await fileLock(join(folder, "full/key.lock"), 0, systemClock).hold(async () => {
      expect(readdirSync(join(folder, "full"))).toEqual(["key.lock"]);
    });
    expect(statSync(join(folder, "full/key.lock")).size).toBe(0);
  });

  test("on a file with something in it is a clear error, and leaves the file as it is", async () => {
    const path = join(folder, "garbage.lock");
    writeFileSync(path, "garbage".repeat(100));
    const held = fileLock(path, 0, systemClock).hold(async () => "never");
    await expect(held).rejects.toThrow(Failure);
    await expect(held).rejects.toThrow(/garbage\.lock holds something .* remove it/);
    expect(readFileSync(path, "utf8")).toBe("garbage".repeat(100));
  });

  test("on what is no file is a clear error", async () => {
    mkdirSync(join(folder, "folder.lock"));
    const held = fileLock(join(folder, "folder.lock"), 0, systemClock).hold(async () => "never");
    await expect(held).rejects.toThrow(/^Cannot lock .*folder\.lock: /);
  });

  test("on a file that nobody may write is a clear error: SQLite would open it, and lock it for nobody", () => {
    const own = mkdtempSync(join(folder, "read-only-"));
    // The user whom root becomes below finds his way here, and may write in the folder itself.
    for (const [path, mode] of [[folder, 0o755] as const, [own, 0o777] as const]) chmodSync(path, mode);
    const path = join(own, "key.lock");
    writeFileSync(path, "", { mode: 0o444 });
    // Root may write everything. In a process of its own, since nobody becomes root again.
    const script = `
      import { fileLock } from ${JSON.stringify(new URL("../../agent/state/lock.ts", import.meta.url).href)};
      import { systemClock } from ${JSON.stringify(new URL("../../agent/clock.ts", import.meta.url).href)};
      if (process.getuid() === 0) process.setuid(65534);
      const held = fileLock(${JSON.stringify(path)}, 0, systemClock).hold(async () => "held");
      console.log(await held.catch((error) => error.name + ": " + error.message));`;
    const child = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect({ said: child.stdout.trim(), error: child.status === 0 ? "" : child.stderr }).toEqual({
      said: expect.stringMatching(/^Failure: Cannot lock .*key\.lock: EACCES.* must run as the user/),
      error: "",
    });
  });

  test.each([
    ["a full disk", { errcode: 13 }, "The disk is full"],
    ["a damaged file", { errcode: 11 }, "remove it"],
    ["an error of the disk, by its finer number", { errcode: 10 + 256 }, "must run as the user"],
    ["a read-only file system", { code: "EROFS" }, "read-only"],
  ])("that %s keeps from being taken is a sentence with a way out", (_what, fields, sentence) => {
    const error = Object.assign(new Error("as it was said"), fields);
    const told = lockTrouble(join(folder, "any.lock"), error);
    expect(told).toContain(join(folder, "any.lock"));
    expect(told).toContain("as it was said");
    expect(told).toContain(sentence);
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
