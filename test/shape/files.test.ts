import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { files, ROOT, read, roomOf } from "./sources.ts";

/** A file of ours, as messages and comments name it. */
const TOLD =
  /(?<![\w./-])(agent|consumer|docs|events|functions|infra|local|packages|protocol|statemachines|test|tools)\/[\w./-]+\.(ts|mjs|md|json|yaml)\b/g;
/** One that stands for others, as `functions/FLOW/NAME/step.ts` does, or that a test makes up. */
const MADE_UP = /\/[A-Z]+[/.]|^statemachines\/x\.|^test\/harness\/scenarios\/watch\./;

describe("files", () => {
  test("no test is run alone", () => {
    const alone = files("{test,packages/*/test}/**/*.ts").filter((file) =>
      /\b(test|it|describe)(\.\w+)*\.only\b/.test(read(file)),
    );
    expect(alone, "These leave all other tests of their file out: take `.only` away").toEqual([]);
  });

  test("no file of ours is longer than 300 lines", () => {
    const long = files("**/*.{ts,tsx,mjs,js,sh,html,css}")
      .filter((file) => roomOf(file) !== "test")
      .map((file) => ({ file, lines: read(file).split("\n").length - 1 }))
      .filter(({ lines }) => lines > 300);
    expect(long, "A file that nobody can see as a whole: split it by what its parts are about").toEqual([]);
  });

  test("every file that a test tells people of is there", () => {
    const named = files("{test,packages/*/test}/**/*.ts")
      // These speak of what they add to a copy of the tree.
      .filter((file) => !file.startsWith("test/changing/"))
      .flatMap((file) => Array.from(read(file).matchAll(TOLD), ([path]) => ({ file, path })));
    expect(named.length).toBeGreaterThan(100);
    const lost = named
      .filter(({ path }) => !MADE_UP.test(path))
      .filter(({ file, path }) => ![".", dirname(file)].some((folder) => existsSync(join(ROOT, folder, path))));
    expect(
      lost.map(({ file, path }) => `${file} names ${path}`),
      "Whoever reads the message looks there: name the file as it is called now",
    ).toEqual([]);
  });

  test("versions of dependencies are exact, and the same wherever they are named", () => {
    const named = ["package.json", ...files("*/**/package.json")].flatMap((file) => {
      const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read(file));
      return Object.entries<string>({ ...dependencies, ...devDependencies, ...optionalDependencies });
    });
    expect(named.length).toBeGreaterThan(20);
    const versions = Map.groupBy(named, ([name]) => name);
    const faulty = [...versions].filter(
      ([, all]) =>
        new Set(all.map(([, version]) => version)).size > 1 || !all.every(([, one]) => /^\d+\.\d+\.\d+\S*$/.test(one)),
    );
    expect(
      faulty.map(([name]) => name),
      "Name one exact version, the same in each package.json; see CONTRIBUTING.md",
    ).toEqual([]);
  });

  test("every package says under which licence it comes", () => {
    const packages = ["package.json", ...files("*/**/package.json")];
    expect(packages).toContain("tools/node24/package.json");
    const without = packages.filter((file) => JSON.parse(read(file)).license !== "Apache-2.0");
    expect(without, 'Each package.json needs "license": "Apache-2.0", as LICENSE has it').toEqual([]);
    expect(read("LICENSE"), "LICENSE is the text of Apache-2.0, as it was published and whole").toMatch(
      /^\s+Apache License\n +Version 2\.0, January 2004\n.+limitations under the License\.\n$/s,
    );
  });
});
