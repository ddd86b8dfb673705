import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { HELP, readOptions } from "./options.ts";

const [LAUNCHER = "", PROGRAM = ""] = ["../../tools/node.mjs", "explore.ts"].map((file) =>
  fileURLToPath(new URL(file, import.meta.url)),
);

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [LAUNCHER, PROGRAM, ...args], { encoding: "utf8" });
  return { code: status, out: stdout, errors: stderr };
}

const read = (...args: string[]) => readOptions(args, {});

test("a rule that is switched off is shown where it is needed, step by step, and it exits with 1", () => {
  const { code, out } = run("--without", "receiptFirst");
  expect(code).toBe(1);
  expect(out).toMatch(/^nothing amiss: \d+ states, .*\nDOES NOT HOLD: no lock-out\. .*\n ?0 {2}It begins\.\n/);
});

test("nonsense is refused in a sentence, with 2", () => {
  expect(run("--off", "lock")).toEqual({
    code: 2,
    out: "",
    errors: "Unknown option '--off'. See npm run model -- --help.\n",
  });
});

test.each([
  [["lock"], "Unexpected argument 'lock'; options come after two dashes. See npm run model -- --help."],
  [["--without"], "argument missing"],
  [["--without", "locks"], /^--without takes one of "lock", .*, not "locks"\.$/],
  [["--without", "toString"], /^--without takes one of .*, not "toString"\.$/],
  [["--only", "amiss"], /^--only takes one of "nothing amiss", .*, not "amiss"\.$/],
])("%s is refused in a sentence", (args, sentence) => {
  expect(() => read(...args)).toThrow(sentence);
});

test("what npm took for itself is said", () => {
  expect(() => readOptions([], { npm_config_deep: "true" })).toThrow("npm took --deep for itself");
});

test("the help names each rule with its sentence", () => {
  expect(read("-h")).toBe("help");
  expect(HELP).toContain("  lock: The agent works on its key file under an exclusive lock");
  expect(HELP).toContain("  newcomer and former\n");
});

test("several rules and configurations may be named", () => {
  expect(read("--without", "lock", "--without", "fileSync", "--only", "nothing amiss")).toEqual({
    ...{ deep: false, without: ["lock", "fileSync"], only: ["nothing amiss"] },
  });
});
