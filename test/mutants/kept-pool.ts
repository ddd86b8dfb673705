import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { PoolOptions, PoolRunnerInitializer, PoolWorker } from "vitest/node";

/** A pool whose process outlives a run: packages stay loaded in it, and what is ours is loaded anew each time. */
export function keptPool(): PoolRunnerInitializer & { close(): void } {
  /** Those in which no test runs. */
  const idle: ChildProcess[] = [];
  return {
    name: "kept",
    createPoolWorker: (options) => new KeptWorker(options, idle),
    close() {
      for (const child of idle.splice(0)) child.kill();
    },
  };
}

/** Of a run, what stands for a process. */
class KeptWorker implements PoolWorker {
  readonly name = "kept";
  readonly cacheFs = true;
  readonly #options: PoolOptions;
  readonly #idle: ChildProcess[];
  readonly #listeners: [string, (...given: never[]) => void][] = [];
  #child: ChildProcess | undefined;

  constructor(options: PoolOptions, idle: ChildProcess[]) {
    this.#options = options;
    this.#idle = idle;
  }

  on(event: string, listener: (...given: never[]) => void): void {
    this.#listeners.push([event, listener]);
    this.#child?.on(event, listener as () => void);
  }

  off(event: string, listener: (...given: never[]) => void): void {
    this.#child?.off(event, listener as () => void);
  }

  send(message: object): void {
    this.#child?.send(message);
  }

  deserialize(data: unknown): unknown {
    return data;
  }

  async start(): Promise<void> {
    const { env, execArgv } = this.#options;
    this.#child =
      this.#idle.pop() ??
      fork(join(import.meta.dirname, "kept-worker.ts"), [], {
        ...{ env: env as NodeJS.ProcessEnv, execArgv, serialization: "advanced" },
        stdio: ["ignore", "ignore", "ignore", "ipc"],
      });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    for (const [event, listener] of this.#listeners) child?.off(event, listener as () => void);
    this.#child = undefined;
    if (child?.connected) this.#idle.push(child);
  }
}
