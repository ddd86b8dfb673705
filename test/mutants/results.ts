import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * How a mutant ended: a test failed; none did; one ran out of time, which is as good; no test loads the file; the compiler
 * or Step Functions refuse it, so that it can never run.
 */
export interface Ended {
  end: "killed" | "survived" | "timed out" | "no test" | "refused";
  /** The test that failed, or what else it ended by. */
  by?: string;
}

/** How one mutant of an area ended. */
export interface Result extends Ended {
  area: string;
  name: string;
  /** Where in the repository the altered thing stands, `protocol/proofs.ts:12`. */
  place: string;
}

interface Stored extends Result {
  /** A digest of the altered text. */
  digest: string;
}

/** Where results are kept from run to run. */
export class Results {
  readonly #file: string;
  readonly #known = new Map<string, Stored>();

  /** @param file is made, with its folder, where it is not there */
  constructor(file: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    for (const line of lines) {
      // The last line of a run that was killed may be half a line.
      if (!line.endsWith("}")) continue;
      const stored: Stored = JSON.parse(line);
      this.#known.set(stored.name, stored);
    }
  }

  /** How a mutant ended, where it is the same still and did not live: tests that are added see more, not less. */
  find(name: string, text: string): Result | undefined {
    const stored = this.#known.get(name);
    if (stored === undefined || stored.digest !== digestOf(text) || isAlive(stored)) return undefined;
    const { digest: _, ...result } = stored;
    return result;
  }

  note(result: Result, text: string): void {
    const stored: Stored = { ...result, digest: digestOf(text) };
    this.#known.set(result.name, stored);
    appendFileSync(this.#file, `${JSON.stringify(stored)}\n`);
  }
}

/** Whether no test has seen a mutant. */
export function isAlive({ end }: Ended): boolean {
  return end === "survived" || end === "no test";
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
