import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
let child: ChildProcess;
const taken: string[] = [];

afterAll(async () => {
  child.kill("SIGKILL");
  await once(child, "close");
  rmSync(folder, { recursive: true });
});

/** Starts a process over the same folder; what it says it has taken is noted. */
function open(mode: "put" | "deliver"): void {
  const program = [join(import.meta.dirname, "putting.ts"), folder, mode];
  child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout?.on("data", (lines: Buffer) => taken.push(...lines.toString().trim().split("\n")));
}

const received = () => {
  const path = join(folder, "received");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
};

test("no event that was taken is lost when the process is killed again and again", async () => {
  for (const more of [1, 7, 40, 90]) {
    const before = taken.length;
    open("put");
    await expect.poll(() => taken.length - before, { timeout: 5000, interval: 1 }).toBeGreaterThanOrEqual(more);
    child.kill("SIGKILL");
    await once(child, "close");
  }
  open("deliver");
  await expect.poll(() => new Set(received()).size, { timeout: 5000 }).toBeGreaterThanOrEqual(taken.length);
  expect(taken.filter((id) => !received().includes(id))).toEqual([]);
});
