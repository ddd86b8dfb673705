import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Answer, Asked, Question } from "./trials.ts";

/** Asks a process that tries mutants, and replaces it by another when it does not answer in time. */
export class Asking {
  readonly #root: string;
  #child: ChildProcess | undefined;

  /** @param root of the repository whose tests are run */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * @param limitMs after which the process is killed, with all that it has started
   * @returns undefined where it did not answer in time, or ended instead
   * @throws Error as the other process does
   */
  async ask<Kind extends keyof Asked>(
    kind: Kind,
    of: Asked[Kind][0],
    limitMs: number,
  ): Promise<Asked[Kind][1] | undefined> {
    this.#child ??= fork(join(import.meta.dirname, "trials.ts"), [this.#root], {
      cwd: this.#root,
      // A group of its own, to be killed as one.
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const child = this.#child;
    const answer = await new Promise<Answer | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), limitMs);
      const end = (given?: Answer) => {
        clearTimeout(timer);
        child.off("exit", onExit).off("message", end);
        resolve(given);
      };
      const onExit = () => end();
      child.once("exit", onExit).once("message", end);
      child.send({ kind, of } as Question);
    });
    if (answer === undefined) this.close();
    else if ("error" in answer) throw new Error(answer.error);
    return answer?.value as Asked[Kind][1] | undefined;
  }

  /** Ends the process; what is asked then starts another. */
  close(): void {
    const { pid } = this.#child ?? {};
    this.#child?.removeAllListeners();
    this.#child = undefined;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      // It has ended by itself.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
