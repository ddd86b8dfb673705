import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** `npm start` as a process of its own: what package.json says, without the launcher before it. */
export class NpmStart {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #began = performance.now();
  readonly #lines: { atMs: number; text: string }[] = [];
  #changed = Promise.withResolvers<void>();

  /** Without a database, whose start and applications are no matter of these figures. @param options e.g. `["--every", "2s"]` */
  constructor(options: string[]) {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const [, program = ""] = String(scripts.start).split("tools/node.mjs ");
    this.#child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", ...program.split(" "), "--no-database", "--no-token", ...options],
      {
        cwd: ROOT,
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    this.pid = this.#child.pid ?? 0;
    let rest = "";
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const text of lines) this.#lines.push({ atMs: performance.now() - this.#began, text });
      this.#tell();
    });
    this.#child.on("close", () => this.#tell());
  }

  /**
   * Waits until it has printed a text `count` times.
   *
   * @returns how long after its start that was, in milliseconds
   * @throws Error when it ends before
   */
  async printed(text: string, count = 1): Promise<number> {
    for (;;) {
      const found = this.#lines.filter((line) => line.text.includes(text))[count - 1];
      if (found !== undefined) return found.atMs;
      if (this.#child.exitCode !== null) throw new Error(`npm start ended before it printed "${text}".`);
      await this.#changed.promise;
    }
  }

  /** The last line it has printed with a text in it; empty where there is none. */
  lastLine(text: string): string {
    return this.#lines.findLast((line) => line.text.includes(text))?.text ?? "";
  }

  /** Stops it as Ctrl-C does. Returns its exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode === null) {
      const closed = once(this.#child, "close");
      this.#child.kill("SIGINT");
      await closed;
    }
    return this.#child.exitCode;
  }

  /** Has those who wait look again. */
  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
