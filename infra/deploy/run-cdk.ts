import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs `cdk` with these arguments, in this terminal, until it ends. Resolves to its exit code; 130 after Ctrl-C. */
export type RunCdk = (args: readonly string[]) => Promise<number>;

/** The CDK's own command line, of the version that package.json pins. */
export const runCdk: RunCdk = runnerOf(fileURLToPath(new URL("../../node_modules/aws-cdk/bin/cdk", import.meta.url)));

/** Runs a program of Node's as `runCdk` runs cdk. */
export function runnerOf(program: string): RunCdk {
  return async (args) => {
    // Its notices are about versions of CDK, which come with this repository.
    const child = spawn(process.execPath, [program, "--no-notices", ...args], { cwd: ROOT, stdio: "inherit" });
    // A terminal's Ctrl-C reaches cdk by itself; this one only waits, so that cdk ends in order and nothing more is begun.
    let interrupted: NodeJS.Signals | undefined;
    const hear = (signal: NodeJS.Signals) => {
      interrupted = signal;
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, hear);
    try {
      return await new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("exit", (code, signal) => {
          const by = signal ?? interrupted;
          resolve(by ? 128 + constants.signals[by] : (code ?? 1));
        });
      });
    } finally {
      for (const signal of SIGNALS) process.off(signal, hear);
    }
  };
}
