import { describe, expect, test } from "vitest";
import { files, read, roomOf } from "./sources.ts";

describe("files", () => {
  test("no test is run alone", () => {
    const alone = files("{test,packages/*/test}/**/*.ts").filter((file) =>
      /\b(test|it|describe)(\.\w+)*\.only\b/.test(read(file)),
    );
    expect(alone, "These leave all other tests of their file out: take `.only` away").toEqual([]);
  });

  test("no file of ours is longer than 300 lines", () => {
    const long = files("**/*.{ts,mjs,js,sh,html,css}")
      .filter((file) => roomOf(file) !== "test")
      .map((file) => ({ file, lines: read(file).split("\n").length - 1 }))
      .filter(({ lines }) => lines > 300);
    expect(long, "A file that nobody can see as a whole: split it by what its parts are about").toEqual([]);
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
