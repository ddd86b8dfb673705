import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { run } from "./keyturn.ts";
import { processesThatName } from "./processes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LAUNCHED = ["tools/node.mjs", "local/start.ts"];

test.each([
  ["npm", "npm", ["start", "--"], "SIGTERM"],
  ["npm", "npm", ["start", "--"], "SIGKILL"],
  ["the launcher", process.execPath, LAUNCHED, "SIGTERM"],
  ["the launcher", process.execPath, LAUNCHED, "SIGINT"],
  ["the launcher", process.execPath, LAUNCHED, "SIGKILL"],
] as const)("who kills %s ends the server and the agents, in order: %s %j %s", async (_, command, args, signal) => {
  const data = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  const options = ["--data", data, "--port", "0", "--agents", "1", "--no-database", "--no-token"];
  const child = spawn(command, [...args, ...options], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (chunk) => {
    said += chunk;
  });
  try {
    await vi.waitFor(() => expect(said).toContain("registered from"), { timeout: 60_000 });
    child.kill(signal);
    await vi.waitFor(() => expect(said).toContain("the next npm start goes on from here"), { timeout: 10_000 });
    await vi.waitFor(() => expect(processesThatName(data)).toEqual([]), { timeout: 10_000 });
  } finally {
    for (const { pid } of processesThatName(data)) process.kill(pid, "SIGKILL");
    rmSync(data, { recursive: true, maxRetries: 10 });
  }
});

test("when nobody reads its output any more, it ends in order, too", async () => {
  const data = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  const { child, ended, said } = run([
    "--data",
    data,
    "--port",
    "0",
    "--agents",
    "1",
    "--every",
    "2s",
    "--no-database",
    "--no-token",
  ]);
  try {
    await vi.waitFor(() => expect(said()).toContain("registered from"), { timeout: 60_000 });
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0, err: "" });
    await vi.waitFor(() => expect(processesThatName(data)).toEqual([]), { timeout: 10_000 });
  } finally {
    child.kill("SIGKILL");
    rmSync(data, { recursive: true, maxRetries: 10 });
  }
});
