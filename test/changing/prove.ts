import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { ROOT } from "../shape/sources.ts";
import type { Checklist, Place } from "./checklist.ts";
import { Copy } from "./copy.ts";

/**
 * Follows a checklist in a copy of the tree: with all its places its tests pass, and for each place left out the test
 * that it names fails and says what is missing.
 *
 * @param tell is told what is done
 * @returns what is not so, as sentences
 */
export async function prove({ title, places }: Checklist, tell: (line: string) => void = () => {}): Promise<string[]> {
  const copy = new Copy();
  try {
    const faults: string[] = [];
    copy.apply(places.flatMap(({ edits }) => edits));
    const whole = await run(copy.folder, [...new Set(places.map(({ test }) => test))]);
    tell(`${title}: ${whole.passed ? "passes with all places" : "FAILS with all places"}`);
    if (!whole.passed) return [`${title}: with every place done, tests fail:\n${whole.output}`];
    for (const place of places) {
      copy.apply(places.filter((one) => one !== place).flatMap(({ edits }) => edits));
      const fault = faultOf(place, await run(copy.folder, [place.test]));
      tell(`${title}: without ${place.at}, ${fault ?? `${place.test} fails and names ${place.names}`}`);
      if (fault !== undefined) faults.push(`${title}: without ${place.at}, ${fault}`);
    }
    return faults;
  } finally {
    copy.remove();
  }
}

/**
 * Follows all checklists in one copy, and checks and tests it as `npm test` does.
 *
 * @returns what fails; nothing if all is well
 */
export async function proveTogether(checklists: readonly Checklist[]): Promise<string | undefined> {
  const copy = new Copy();
  try {
    copy.apply(checklists.flatMap(({ places }) => places).flatMap(({ edits }) => edits));
    // Vitest's --exclude does not reach its projects.
    rmSync(join(copy.folder, NOT_AGAIN));
    for (const check of [LINT, TYPES, TESTS]) {
      const { passed, output } = await node(copy.folder, check);
      if (!passed) return `With everything added, this fails:\n${output}`;
    }
    return undefined;
  } finally {
    copy.remove();
  }
}

function faultOf({ test, names }: Place, { passed, output }: Outcome): string | undefined {
  if (passed) return `${test} passes and nobody notices`;
  if (!output.includes(names)) return `${test} fails without naming ${names}:\n${output}`;
  return undefined;
}

interface Outcome {
  passed: boolean;
  output: string;
}

const program = (path: string) => join(ROOT, "node_modules", path);
const LINT = [program("@biomejs/biome/bin/biome"), "check", "--error-on-warnings"];
const TYPES = [program("typescript/bin/tsc"), "--noEmit"];
const TESTS = [program("vitest/vitest.mjs"), "run"];
/** It follows the lists in a tree in which nobody has followed them yet. */
const NOT_AGAIN = "test/changing/changing.test.ts";

/** Runs checks in a copy: test files, and `types`. */
async function run(folder: string, tests: string[]): Promise<Outcome> {
  const files = tests.filter((test) => test !== "types");
  const outcomes: Outcome[] = [];
  if (files.length > 0) outcomes.push(await node(folder, [...TESTS, ...files]));
  if (files.length < tests.length) outcomes.push(await node(folder, TYPES));
  return { passed: outcomes.every(({ passed }) => passed), output: outcomes.map(({ output }) => output).join("\n") };
}

function node(cwd: string, args: string[]): Promise<Outcome> {
  // Vitest tells its children that they are tests, which another Vitest would take for its own.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV)/.test(name)),
  );
  const child = spawn(process.execPath, args, { cwd, env: { ...env, NO_COLOR: "1", CI: "true" } });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ passed: code === 0, output: stripVTControlCharacters(output) }));
  });
}
