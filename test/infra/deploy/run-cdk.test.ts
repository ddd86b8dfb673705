import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runnerOf } from "../../../infra/deploy/run-cdk.ts";

const RUN_CDK = fileURLToPath(new URL("../../../infra/deploy/run-cdk.ts", import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-run-cdk-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function program(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe("cdk", () => {
  test("is given the arguments, and its exit code is the command's", async () => {
    const exits = program("exits.mjs", "process.exit(process.argv.slice(3).join() === 'deploy,--force' ? 3 : 4);");
    expect(await runnerOf(exits)(["deploy", "--force"])).toBe(3);
  });

  test("that dies by a signal is told as a shell tells it", async () => {
    const dies = program("dies.mjs", "process.kill(process.pid, 'SIGKILL');");
    expect(await runnerOf(dies)([])).toBe(137);
  });

  /** A command of ours that runs cdk twice, as the first deployment does. */
  async function command(
    cdk: string,
  ): Promise<{ child: ChildProcess; said: () => string; ended: Promise<number | null> }> {
    const main = program(
      "main.mjs",
      `import { runnerOf } from ${JSON.stringify(RUN_CDK)};
const run = runnerOf(${JSON.stringify(program("cdk.mjs", cdk))});
const code = await run(["first"]);
if (code === 0) await run(["second"]);
process.exitCode = code;`,
    );
    const child = spawn(process.execPath, [main], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    await expect.poll(() => said).toContain("begun first");
    return { child, said: () => said, ended };
  }

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("hears of %s, ends in order, and nothing is begun after it", async (signal, code) => {
    const { child, said, ended } = await command(
      `console.log("begun " + process.argv[3]);
process.on(${JSON.stringify(signal)}, () => setTimeout(() => { console.log("in order"); process.exit(0); }, 100));
setInterval(() => {}, 1000);`,
    );
    child.kill(signal);
    expect(await ended).toBe(code);
    expect(said()).toBe("begun first\nin order\n");
  });
});
