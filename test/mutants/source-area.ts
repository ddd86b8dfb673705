import { readFileSync } from "node:fs";
import { type Area, filesOf } from "./areas.ts";
import type { Asking } from "./asking.ts";
import type { Ended } from "./results.ts";
import { sourceMutantsOf } from "./source-mutants.ts";
import type { Types } from "./types.ts";

/** A mutant of a file, and which test files could see it. */
export interface Candidate {
  file: string;
  name: string;
  line: number;
  text: string;
}

/** All mutants of an area's files. */
export function candidatesOf(area: Area): Candidate[] {
  return filesOf(area.files).flatMap((file) =>
    sourceMutantsOf(file, readFileSync(file, "utf8")).map((mutant) => ({ file, ...mutant })),
  );
}

/** All tests of an area may take before anything is altered. */
const BASELINE_LIMIT_MS = 1_200_000;
/** A process may have to be started first, and others may use the machine. */
const SLACK_MS = 30_000;
/** Test files that together take less are run at once. */
const SHORT_MS = 3000;

/** The tests of an area, which have run over what is not altered. */
export class SourceArea {
  readonly #area: Area;
  readonly #asking: Asking;
  readonly #types: Types;
  readonly #took: Record<string, number>;
  /** By file, the tests that load it. */
  readonly #loading: Map<string, string[]>;
  /** By file, how many of its mutants a test has killed. */
  readonly #kills = new Map<string, Map<string, number>>();

  private constructor(
    parts: { area: Area; asking: Asking; types: Types },
    took: Record<string, number>,
    loading: Map<string, string[]>,
  ) {
    this.#area = parts.area;
    this.#asking = parts.asking;
    this.#types = parts.types;
    this.#took = took;
    this.#loading = loading;
  }

  /** @throws Error where a test fails though nothing is altered */
  static async open(parts: { area: Area; asking: Asking; types: Types }): Promise<SourceArea> {
    const { area, asking } = parts;
    const tests = filesOf(area.tests);
    const run = await asking.ask("run", { texts: {}, files: tests }, BASELINE_LIMIT_MS);
    if (run === undefined) throw new Error(`the tests of ${area.name} do not end`);
    if (run.failure !== undefined) throw new Error(`though nothing is altered, this fails: ${run.failure}`);
    const loading = new Map<string, string[]>();
    for (const file of filesOf(area.files)) {
      loading.set(file, (await asking.ask("loading", { file, tests }, BASELINE_LIMIT_MS)) ?? []);
    }
    return new SourceArea(parts, run.took, loading);
  }

  /** The tests that could see a file altered, those that have killed most of its mutants first, then the quick ones. */
  testsOf(file: string): string[] {
    const kills = (test: string) => this.#kills.get(file)?.get(test) ?? 0;
    const tests = (this.#loading.get(file) ?? []).filter((test) => this.#only(test, file) !== undefined);
    return tests.sort((a, b) => kills(b) - kills(a) || this.#tookOf(a) - this.#tookOf(b));
  }

  /** What comes of a mutant. */
  async tryOne({ file, text }: Candidate): Promise<Ended> {
    const refusal = this.#types.against(file, text);
    if (refusal !== undefined) return { end: "refused", by: refusal };
    const tests = this.testsOf(file);
    if (tests.length === 0) return { end: "no test" };
    for (const files of this.#stagesOf(file, tests)) {
      const limit = SLACK_MS + 5 * files.reduce((sum, test) => sum + this.#tookOf(test), 0);
      const only = this.#only(files[0] ?? "", file);
      const run = await this.#asking.ask("run", { texts: { [file]: text }, files, ...(only && { only }) }, limit);
      if (run === undefined) return { end: "timed out", by: files.join(", ") };
      if (run.failure === undefined) continue;
      const killer = files.find((test) => run.failure?.startsWith(test));
      if (killer !== undefined) this.#noteKill(file, killer);
      return { end: "killed", by: run.failure };
    }
    return { end: "survived" };
  }

  /** What is run at once: the most promising alone, the quick ones together, each of the others by itself. */
  #stagesOf(file: string, [first = "", ...others]: string[]): string[][] {
    const isAlone = (test: string) => this.#tookOf(test) > SHORT_MS || this.#only(test, file) !== "";
    const together = others.filter((test) => !isAlone(test));
    const alone = others.filter(isAlone).map((test) => [test]);
    return [[first], ...(together.length > 0 ? [together] : []), ...alone];
  }

  /** The pattern of the tests of a file that are run for another one, "" for all; undefined if there are none. */
  #only(test: string, file: string): string | undefined {
    const chosen = this.#area.only?.[test];
    return chosen === undefined ? "" : chosen(file);
  }

  #tookOf(test: string): number {
    return this.#took[test] ?? 0;
  }

  #noteKill(file: string, test: string): void {
    const kills = this.#kills.get(file) ?? new Map<string, number>();
    kills.set(test, (kills.get(test) ?? 0) + 1);
    this.#kills.set(file, kills);
  }
}
