import { join } from "node:path";
import { createVitest, type TestSpecification, type Vitest } from "vitest/node";
import { SHARING } from "../sharing.ts";
import { keptPool } from "./kept-pool.ts";

/** What came of a run of tests. */
export interface Run {
  /** Which test failed first, or what went wrong; nothing where all passed. */
  failure?: string;
  /** By test file, how long it took, in milliseconds. */
  took: Record<string, number>;
}

/** A test of a mutant that waits for what never comes is not waited for as long as one of the program itself. */
const LONGEST_TEST_MS = 20_000;

/** The tests of the repository, run as often as wanted, over its files and over altered ones, none of which is written. */
export class Tests {
  readonly #vitest: Vitest;
  readonly #root: string;
  readonly #altered: Map<string, string>;
  readonly #pool: ReturnType<typeof keptPool>;

  private constructor(vitest: Vitest, root: string, altered: Map<string, string>, pool: ReturnType<typeof keptPool>) {
    this.#vitest = vitest;
    this.#pool = pool;
    this.#root = root;
    this.#altered = altered;
  }

  /** @param root of the repository, or of a folder with tests of its own */
  static async open(root: string): Promise<Tests> {
    const altered = new Map<string, string>();
    const plugins = [
      {
        name: "altered",
        enforce: "pre" as const,
        transform: (_: string, id: string) => altered.get(id),
        // What is altered must not be found again by the text that it was made from.
        configureVitest: ({ defineCacheKeyGenerator }: CacheKeys) =>
          defineCacheKeyGenerator(({ id }) => (altered.has(id) ? false : undefined)),
      },
    ];
    const pool = keptPool();
    const NEVER = ["node_modules/**", "test/aws/**"];
    const tests = { include: ["**/*.test.ts"], exclude: NEVER };
    const options = {
      ...{ root, config: false, watch: false, bail: 1, maxWorkers: 1, reporters: [{}] },
      ...{ testTimeout: LONGEST_TEST_MS, hookTimeout: LONGEST_TEST_MS, teardownTimeout: 1000 },
      projects: [
        { extends: true, plugins, test: { ...tests, name: "alone", exclude: [...NEVER, ...SHARING] } },
        {
          extends: true,
          plugins,
          test: { ...tests, name: "sharing", include: SHARING, isolate: false, unstubEnvs: true, pool },
        },
      ],
      setupFiles: [join(import.meta.dirname, "../aws-settings.ts")],
    } as const;
    return new Tests(await createVitest("test", options as never), root, altered, pool);
  }

  /** Gives files other texts, from the next run on; all others are as they lie there. */
  alter(texts: Record<string, string>): void {
    const before = [...this.#altered.keys()];
    this.#altered.clear();
    for (const [file, text] of Object.entries(texts)) this.#altered.set(join(this.#root, file), text);
    for (const id of [...before, ...this.#altered.keys()]) this.#vitest.invalidateFile(id);
  }

  /**
   * Runs test files until the first test fails.
   *
   * @param files their paths from the root
   * @param only a pattern for the names of the tests that run
   * @throws Error where a file is no test
   */
  async run(files: string[], only?: string): Promise<Run> {
    if (only === undefined) this.#vitest.resetGlobalTestNamePattern();
    else this.#vitest.setGlobalTestNamePattern(new RegExp(only));
    const specifications = await this.#specificationsOf(files);
    const { testModules: all, unhandledErrors } = await this.#vitest.runTestSpecifications(specifications);
    // It names those of former runs, too.
    const testModules = all.filter(({ relativeModuleId }) => files.includes(relativeModuleId));
    const took = Object.fromEntries(
      testModules.map((module) => [module.relativeModuleId, Math.round(module.diagnostic().duration)]),
    );
    for (const module of testModules) {
      for (const test of module.children.allTests("failed"))
        return { failure: `${module.relativeModuleId}: ${test.fullName}`, took };
      const [error] = module.errors();
      if (error !== undefined) return { failure: `${module.relativeModuleId}: ${error.message}`, took };
      if (module.state() === "failed") return { failure: `${module.relativeModuleId} failed`, took };
    }
    const [unhandled] = unhandledErrors;
    return unhandled === undefined ? { took } : { failure: `unhandled: ${messageOf(unhandled)}`, took };
  }

  async #specificationsOf(files: string[]): Promise<TestSpecification[]> {
    const found = await this.#vitest.globTestSpecifications();
    const byFile = new Map(found.map((one) => [one.moduleId, one]));
    return files.map((file) => {
      const specification = byFile.get(join(this.#root, file));
      if (specification === undefined) throw new Error(`${file} is no test`);
      return specification;
    });
  }

  /** Of test files that have run, those that load a file, at whatever remove. */
  loading(file: string, tests: string[]): string[] {
    const seen = new Set<unknown>();
    const loaders = new Set<string>();
    for (const project of this.#vitest.projects) {
      const graphs = Object.values(project.vite.environments).map(({ moduleGraph }) => moduleGraph);
      for (const graph of graphs) {
        const open = [...(graph.getModulesByFile(join(this.#root, file)) ?? [])];
        for (let module = open.pop(); module !== undefined; module = open.pop()) {
          if (seen.has(module)) continue;
          seen.add(module);
          if (module.file) loaders.add(module.file);
          open.push(...module.importers);
        }
      }
    }
    return tests.filter((test) => loaders.has(join(this.#root, test)));
  }

  async close(): Promise<void> {
    await this.#vitest.close();
    this.#pool.close();
  }
}

interface CacheKeys {
  defineCacheKeyGenerator: (generate: (context: { id: string }) => false | undefined) => void;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String((error as { message?: unknown })?.message ?? error);
}
