import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { type HostileSettings, hostileSettings } from "../restart/hostile-settings.ts";
import { processesThatName } from "../restart/processes.ts";

export const ROOT = join(import.meta.dirname, "../..");
/** Where Debian puts its awscli, whatever other `aws` there may be. */
export const AWS = "/usr/bin/aws";
export const NO_AWS = `Debian's awscli is not installed at ${AWS}`;
/** How long a person waits for what a document promises. */
export const SOON = { timeout: 80_000, interval: 200 };

/** A program and all that it has said. */
interface Terminal {
  child: ChildProcess;
  said: () => string;
}

/** What comes of what was typed. */
export interface Answer {
  said: string;
  code: number;
}

/** How a client reaches the embedded AWS of `npm start`. */
export interface FleetConfig {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

const TYPED = /typed: (\d+)\n$/;

/** Where somebody sits who reads a document: two terminals in the project's folder, but with a data folder of its own. */
export class Desk {
  readonly folder: string;
  /** Of whoever sits there, who also works with the real AWS. */
  readonly hostile: HostileSettings;
  #first: Terminal | undefined;
  #second: Terminal | undefined;

  private constructor(folder: string, hostile: HostileSettings) {
    this.folder = folder;
    this.hostile = hostile;
  }

  static async open(): Promise<Desk> {
    const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
    const hostile = await hostileSettings(folder);
    for (const name of readdirSync(ROOT)) {
      if (!name.startsWith(".")) symlinkSync(join(ROOT, name), join(folder, name));
    }
    return new Desk(folder, hostile);
  }

  /**
   * Starts the fleet in the first terminal, on any free port, and a shell in the second.
   *
   * @param command as it is typed, e.g. `npm start -- --agents 2`
   * @param shell of the second terminal
   */
  start(command: string, shell = "/bin/sh"): void {
    const { INIT_CWD: _, ...environment } = process.env;
    this.#first = this.#terminal("/bin/sh", ["-c", `exec ${command} --port 0`], environment);
    const path = `/usr/bin:/bin:${process.env.PATH}`;
    // npx asks npm's registry whether there is a newer npm, which is no matter of ours.
    const settings = { ...environment, ...this.hostile.environment, npm_config_update_notifier: "false", PATH: path };
    this.#second = this.#terminal(shell, [], settings);
  }

  #terminal(command: string, args: string[], env: NodeJS.ProcessEnv): Terminal {
    const child = spawn(command, args, { cwd: this.folder, env, stdio: "pipe" });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        said += chunk;
      });
    }
    return { child, said: () => said };
  }

  /** All that the first terminal has said, `npm start`. */
  first(): string {
    return this.#first?.said() ?? "";
  }

  /** All that the second terminal has said. */
  second(): string {
    return this.#second?.said() ?? "";
  }

  /** Pastes into the second terminal what `npm start` has printed for it: from then on the AWS CLI speaks to the fleet. */
  paste(): void {
    const lines = this.first().match(/^(export|unset) .+$/gm) ?? [];
    expect(lines.length).toBeGreaterThan(4);
    this.#second?.child.stdin?.write(`${lines.join("\n")}\n`);
  }

  /**
   * Types commands into the second terminal, and waits until they are over.
   *
   * @returns what they have said, and the exit status of the last
   * @throws Error where there is no shell; a failed assertion when they go on for too long
   */
  async type(commands: string): Promise<Answer> {
    const shell = this.#second?.child;
    if (shell === undefined || shell.exitCode !== null) throw new Error("there is no shell in the second terminal");
    const before = this.second().length;
    const said = () => this.second().slice(before);
    shell.stdin?.write(`${commands.trimEnd()}\necho "typed: $?"\n`);
    await vi.waitFor(() => expect(said()).toMatch(TYPED), SOON);
    return { said: said().replace(TYPED, ""), code: Number(TYPED.exec(said())?.[1]) };
  }

  /** Ends both terminals, and demands that nothing of them is left. */
  async close(): Promise<void> {
    for (const one of [this.#first, this.#second]) {
      if (one === undefined || one.child.exitCode !== null) continue;
      const ended = new Promise((resolve) => one.child.once("close", resolve));
      one.child.kill("SIGTERM");
      await ended;
    }
    expect(processesThatName(this.folder)).toEqual([]);
    this.hostile.close();
    rmSync(this.folder, { recursive: true, maxRetries: 10 });
  }
}
