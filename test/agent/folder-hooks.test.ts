import { getEventListeners } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../agent/clock.ts";
import { type FolderHooksOptions, folderHooks } from "../../agent/turn/folder-hooks.ts";
import { HandClock } from "./fakes/hand-clock.ts";

let folder: string;
let logPath: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-hooks-"));
  mkdirSync(join(folder, "hooks.d"));
  logPath = join(folder, "hooks.log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function add(name: string, script: string, mode = 0o755): void {
  const path = join(folder, "hooks.d", name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, mode);
}

function hooks(options: Partial<FolderHooksOptions> = {}) {
  return folderHooks({
    folder: join(folder, "hooks.d"),
    timeoutMs: 5_000,
    totalMs: 10_000,
    logPath,
    clock: systemClock,
    environment: { PATH: process.env.PATH, SECRET_OF_THE_AGENT: "x" },
    ...options,
  });
}

const VARIABLES = { KEYTURN_KEY_FILE: "/state/key.json", KEYTURN_ID: "0a1b2c", KEYTURN_GENERATION: "5" };

describe("the hooks of a folder", () => {
  test("are its executable files in the order of their names", async () => {
    for (const name of ["20-b", "10-a", "9-c"]) add(name, "");
    add("30-plain-file", "", 0o666);
    for (const name of [".hidden", "40-old~", "50-new.rpmsave", "60-new.dpkg-dist"]) add(name, "");
    mkdirSync(join(folder, "hooks.d", "70-folder"));
    for (const [name, mode] of [
      ["of-owner", 0o700],
      ["of-group", 0o670],
      ["of-others", 0o607],
    ] as const)
      add(name, "", mode);
    add("new.rpmsave.sh", "");
    expect(await hooks().list()).toEqual([
      "10-a",
      "20-b",
      "9-c",
      "new.rpmsave.sh",
      "of-group",
      "of-others",
      "of-owner",
    ]);
  });

  test("have names of any length that a file can have", async () => {
    const long = `10-${"n".repeat(200)}`;
    add(long, "exit 0");
    expect(await hooks().list()).toEqual([long]);
    expect(await hooks().begin().run(long, VARIABLES)).toBe("done");
  });

  test("are none if the folder is not there", async () => {
    expect(await hooks({ folder: join(folder, "nowhere") }).list()).toEqual([]);
  });

  test("cannot be listed if the folder is none: that is an error", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(hooks({ folder: join(folder, "file") }).list()).rejects.toThrow("ENOTDIR");
  });

  test("that exit with 0 are done, the others have failed", async () => {
    add("good", "exit 0");
    add("bad", "exit 7");
    add("killed", "kill -9 $$");
    const runs = hooks().begin();
    expect(await runs.run("good", VARIABLES)).toBe("done");
    expect(await runs.run("bad", VARIABLES)).toBe("failed");
    expect(await runs.run("killed", VARIABLES)).toBe("failed");
    expect(await runs.run("vanished", VARIABLES)).toBe("failed");
  });

  test("are told of the turn, and of the agent's environment only what any program needs", async () => {
    add("10-env", "pwd; env | grep -v -e ^_= -e ^PWD= -e ^SHLVL= | sort");
    const own = { HOME: "/home/agent", LANG: "C.UTF-8", TZ: "UTC", PATH: process.env.PATH };
    await hooks({ environment: { ...own, SECRET_OF_THE_AGENT: "x" } })
      .begin()
      .run("10-env", VARIABLES);
    const [head, workingFolder, ...lines] = readFileSync(logPath, "utf8").trimEnd().split("\n");
    expect(head).toMatch(/^== .* 10-env \(generation 5\)$/);
    expect(workingFolder).toBe("/");
    expect(lines).toEqual([
      "HOME=/home/agent",
      "KEYTURN_GENERATION=5",
      "KEYTURN_ID=0a1b2c",
      "KEYTURN_KEY_FILE=/state/key.json",
      "LANG=C.UTF-8",
      `PATH=${process.env.PATH}`,
      "TZ=UTC",
    ]);
  });

  test("say what they say into a log for its owner only, which begins anew when it is long", async () => {
    add("10-talks", "echo out; echo err >&2");
    writeFileSync(logPath, "x".repeat(1_048_576));
    await hooks().begin().run("10-talks", VARIABLES);
    expect(readFileSync(logPath, "utf8")).toMatch(/^== .*\nout\nerr\n$/);
    expect(statSync(logPath).mode & 0o777).toBe(0o600);
    expect(statSync(`${logPath}.1`).size).toBe(1_048_576);
    await hooks().begin().run("10-talks", VARIABLES);
    expect(readFileSync(logPath, "utf8")).toMatch(/^== .*\nout\nerr\n== .*\nout\nerr\n$/);
    rmSync(logPath);
    await hooks().begin().run("10-talks", VARIABLES);
    expect(statSync(logPath).mode & 0o777).toBe(0o600);
  });

  test("leave no timer behind, and nobody who listens to the signal", async () => {
    add("10-talks", "");
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const { signal } = new AbortController();
    const before = timers();
    for (let n = 0; n < 5; n += 1) await hooks().begin(signal).run("10-talks", VARIABLES);
    expect(timers()).toBeLessThan(before + 5);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test.skipIf(process.platform !== "linux")("leave no file open", async () => {
    add("10-talks", "");
    writeFileSync(logPath, "x".repeat(1_048_576));
    for (let n = 0; n < 3; n += 1) await hooks().begin().run("10-talks", VARIABLES);
    const open = readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        return readlinkSync(join("/proc/self/fd", fd));
      } catch {
        // The one by which the folder itself was read.
        return [];
      }
    });
    expect(open.filter((path) => path.startsWith(folder))).toEqual([]);
  });

  test("run although the disk is too full for what they say", async () => {
    add("10-talks", "true");
    expect(await hooks({ logPath: "/dev/full" }).begin().run("10-talks", VARIABLES)).toBe("done");
  });

  test("say nothing into a file that a link leads to", async () => {
    add("10-talks", "echo out");
    writeFileSync(join(folder, "elsewhere"), "");
    symlinkSync(join(folder, "elsewhere"), logPath);
    await expect(hooks().begin().run("10-talks", VARIABLES)).rejects.toThrow("ELOOP");
    expect(readFileSync(join(folder, "elsewhere"), "utf8")).toBe("");
  });

  test("that take too long are ended with all that they started", async () => {
    const beat = join(folder, "beat");
    add("10-hangs", `(while :; do date +%s%N > ${beat}; sleep 0.02; done) & wait`);
    expect(await hooks({ timeoutMs: 200 }).begin().run("10-hangs", VARIABLES)).toBe("timed-out");
    await vi.waitFor(async () => {
      const before = readFileSync(beat, "utf8");
      await systemClock.sleep(100);
      expect(readFileSync(beat, "utf8")).toBe(before);
    });
  });

  test("for which no time is left are not begun", async () => {
    add("10-late", `touch ${join(folder, "began")}`);
    expect(await hooks({ totalMs: 0 }).begin().run("10-late", VARIABLES)).toBe("timed-out");
    expect(existsSync(join(folder, "began"))).toBe(false);
  });

  test("have the time that is theirs, however the clock is set meanwhile", async () => {
    for (const name of ["10-a", "20-b"]) add(name, "");
    const clock = new HandClock();
    const forward = hooks({ clock }).begin();
    clock.setBy(86_400_000);
    expect(await forward.run("10-a", VARIABLES)).toBe("done");
    const back = hooks({ clock }).begin();
    clock.setBy(-86_400_000);
    await clock.advance(10_000);
    expect(await back.run("20-b", VARIABLES)).toBe("timed-out");
  });

  test("are ended when the turn is told to stop, and then count as not run", async () => {
    add("10-hangs", `touch ${join(folder, "began")}; sleep 60`);
    const stop = new AbortController();
    const run = hooks().begin(stop.signal).run("10-hangs", VARIABLES);
    const stopped = expect(run).rejects.toThrow("Stopped during a hook");
    await vi.waitFor(() => expect(existsSync(join(folder, "began"))).toBe(true), { interval: 10 });
    stop.abort();
    await stopped;
    rmSync(join(folder, "began"));
    await expect(hooks().begin(stop.signal).run("10-hangs", VARIABLES)).rejects.toThrow("Stopped before");
    // One that were begun all the same would have said so by now.
    await systemClock.sleep(100);
    expect(existsSync(join(folder, "began"))).toBe(false);
  });
});
