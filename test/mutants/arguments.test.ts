import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { demandHarmless, help, wantedOf } from "./arguments.ts";

const [LAUNCHER = "", PROGRAM = ""] = ["../../tools/node.mjs", "mutants.ts"].map((file) =>
  fileURLToPath(new URL(file, import.meta.url)),
);

const read = (...args: string[]) => wantedOf(args, ["judge", "flows"], {});

function run(environment: NodeJS.ProcessEnv, ...args: string[]) {
  const env = { ...process.env, ...environment };
  const child = spawnSync(process.execPath, [LAUNCHER, PROGRAM, ...args], { encoding: "utf8", env });
  return { code: child.status, out: child.stdout, errors: child.stderr };
}

test.each([
  [["juge"], "There is no area juge; there are judge, flows."],
  [["--sample", "some"], '--sample takes how many mutants are drawn, not "some".'],
  [["--sample", "0"], '--sample takes how many mutants are drawn, not "0".'],
  [["--smaple", "5"], "Unknown option '--smaple'. See npm run mutants -- --help."],
  [["--file"], "argument missing. See npm run mutants -- --help."],
])("%s is refused in a sentence", (args, sentence) => {
  expect(() => read(...args)).toThrow(sentence);
});

test("areas and a sample are read, and the help names the areas", () => {
  expect(read("judge", "--sample", "5", "--seed", "s")).toEqual({
    ...{ areas: ["judge"], sample: { count: 5, seed: "s" }, resume: false, verbose: false },
  });
  expect(read("-h")).toBe("help");
  expect(help(["judge", "flows"])).toContain("Areas: judge, flows\n");
});

test("what npm took for itself is said", () => {
  expect(() => wantedOf([], [], { npm_config_sample: "7" })).toThrow("npm took --sample for itself");
});

test("root is refused, unless the machine is one to throw away", () => {
  expect(() => demandHarmless(0, {})).toThrow(/^Mutants do not run as root, .* KEYTURN_MUTANTS_AS_ROOT=1 on a machine/);
  expect(() => demandHarmless(0, { KEYTURN_MUTANTS_AS_ROOT: "0" })).toThrow("Mutants do not run as root");
  expect(() => demandHarmless(0, { KEYTURN_MUTANTS_AS_ROOT: "1" })).not.toThrow();
  expect(() => demandHarmless(1000, {})).not.toThrow();
  expect(() => demandHarmless(undefined, {})).not.toThrow();
});

test.runIf(process.geteuid?.() === 0)("the program refuses root before it alters anything, with 2", () => {
  const { code, out, errors } = run({ KEYTURN_MUTANTS_AS_ROOT: "" }, "judge", "--sample", "1");
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(errors).toMatch(/^Mutants do not run as root, .*\.\n$/);
});

test("a file of which there is no mutant is refused in a sentence, with 2", () => {
  expect(run({ KEYTURN_MUTANTS_AS_ROOT: "1" }, "judge", "--file", "no-such-flow")).toEqual({
    code: 2,
    out: "",
    errors: "There is no mutant of no-such-flow in judge.\n",
  });
});
