import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleAgent } from "../../../agent/bundle.ts";

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The agent's bundle, made once, and the processes that run it. */
export class AgentProcesses {
  readonly folder = mkdtempSync(join(tmpdir(), "keyturn-agent-"));
  readonly bundle = join(this.folder, "keyturn-agent.mjs");
  /** All that any process has said, for tests that look for what must not be said. */
  said = "";
  #running = new Set<ChildProcess>();

  async build(): Promise<void> {
    await bundleAgent(this.bundle);
  }

  /** Starts the agent; `ended` tells how it came out. */
  start(args: string[], environment: Record<string, string>): { child: ChildProcess; ended: Promise<Ended> } {
    // Earlier ones of Node 24 say on standard error that SQLite is new.
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", this.bundle, ...args], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#running.add(child);
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.on("data", (chunk: Buffer) => {
        output[name] += chunk.toString("utf8");
        this.said += chunk.toString("utf8");
      });
    }
    const ended = new Promise<Ended>((resolve) => {
      child.on("close", (code) => {
        this.#running.delete(child);
        resolve({ code, ...output });
      });
    });
    return { child, ended };
  }

  run(args: string[], environment: Record<string, string>): Promise<Ended> {
    return this.start(args, environment).ended;
  }

  close(): void {
    for (const child of this.#running) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
