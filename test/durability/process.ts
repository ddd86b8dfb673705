import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** When a life ends: while it starts, at a write to its store, or at the first call that the seed's faults kill at. */
export type Death =
  | { whileStartingMs: number }
  | { atWrite: number; moment: "before" | "after" }
  | { atCallBySeed: string };

/** One life of an embedded AWS as a process. */
export class Life {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #endpoint: Promise<string | undefined>;
  readonly #said: string[] = [];

  constructor(folder: string, death?: Death) {
    const program = [join(import.meta.dirname, "life.ts"), folder, JSON.stringify(death ?? {})];
    this.#child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...program], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#closed = once(this.#child, "close");
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error("The process has no output.");
    const lines = createInterface(stdout);
    this.#endpoint = Promise.race([
      once(lines, "line").then(([line]) => String(line)),
      this.#closed.then(() => undefined),
    ]);
    stderr.on("data", (text: Buffer) => this.#said.push(text.toString()));
    if (death !== undefined && "whileStartingMs" in death) setTimeout(() => this.kill(), death.whileStartingMs);
  }

  /** Its endpoint once it is ready; `undefined` if it dies before. */
  endpoint(): Promise<string | undefined> {
    return this.#endpoint;
  }

  /** What it wrote to its log: defects of the embedded AWS, if there are any. */
  said(): string {
    return this.#said.join("");
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Waits for its death. */
  async gone(): Promise<void> {
    await this.#closed;
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#closed;
  }
}
