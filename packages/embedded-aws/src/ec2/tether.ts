import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/*
 * A process on an instance must not outlive the embedded AWS, however that ends: a process left over would go on as an
 * instance that nobody knows. So each one runs in a process group with a tiny watcher, which waits for the end of a pipe
 * that the embedded AWS holds open; when that is closed, by its death too, the watcher kills the group and itself.
 */
const WATCHED = '(read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 & exec "$@" 3<&-';

export interface TetherOptions {
  cwd: string;
  environment: Record<string, string>;
  /** Where standard output and error go: a file descriptor, or a pipe. */
  output: number | "pipe";
}

/** A process with all that it starts, unless that moves into a process group of its own. */
export class TetheredProcess {
  /** What the process ended with; its group is killed by then, or about to be. */
  readonly ended: Promise<{ exitCode: number | null; signal: string | null }>;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly #child: ChildProcess;
  readonly #tether: Writable;

  /** @param command the program and its arguments */
  constructor(command: readonly string[], { cwd, environment, output }: TetherOptions) {
    this.#child = spawn("/bin/sh", ["-c", WATCHED, "sh", ...command], {
      cwd,
      env: environment,
      detached: true,
      stdio: ["ignore", output, output, "pipe"],
    });
    this.stdout = this.#child.stdout;
    this.stderr = this.#child.stderr;
    this.#tether = this.#child.stdio[3] as Writable;
    this.#tether.on("error", () => undefined); // The pipe is there to be closed; that the watcher is gone is no news.
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("exit", (exitCode, signal) => {
        this.kill();
        resolve({ exitCode, signal });
      });
    });
  }

  /** Sends the process itself a signal, and none of what it has started. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks the process to end; one that was stopped by a signal goes on for that. */
  terminate(): void {
    this.#child.kill("SIGTERM");
    this.#child.kill("SIGCONT");
  }

  /** Kills the process and its group, at once. */
  kill(): void {
    this.#tether.destroy();
  }
}
