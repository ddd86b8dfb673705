import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { suggestions } from "../../operator/completion.ts";
import { programOf } from "../../operator/program.ts";
import { keyturn } from "./keyturn.ts";

const ROOT = join(import.meta.dirname, "../..");
const suggested = (...words: string[]) =>
  suggestions(
    programOf("0", [], () => undefined),
    words,
  )
    .split("\n")
    .filter((line) => line.includes("\t"))
    .map((line) => line.split("\t")[0]);

test.each<[words: string[], expected: string[]]>([
  [["re"], ["rekey", "release", "retire", "report"]],
  [
    ["fleet", "--w"],
    ["--where", "--watch"],
  ],
  [["fleet", "--where", "age>30d", "--che"], ["--check"]],
  // What all commands take is typed behind them, too.
  [["fleet", "--js"], ["--json"]],
  [["--js"], ["--json"]],
  [
    ["completion", ""],
    ["bash", "zsh", "fish"],
  ],
  [["completion", "z"], ["zsh"]],
  // Nothing stands in the place of an ID, of a value, or behind what is no command.
  [["show", ""], []],
  [["fleet", "--where", ""], []],
  [["flet", ""], []],
  // What programs call is none of it.
  [["complet"], ["completion"]],
])("behind %j comes %j", (words, expected) => {
  expect(suggested(...words)).toEqual(expected);
});

test("a shell that is none is told, with those that are; 2", async () => {
  const { code, out, err } = await keyturn(["completion", "basch"]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain("Allowed choices are bash, zsh, fish.");
});

test("the help leaves out what only shells ask", async () => {
  const { out } = await keyturn(["--help"]);
  expect(out).toMatch(/^ {2}completion /m);
  expect(out).not.toMatch(/^ {2}complete /m);
});

test("as a document it is one", async () => {
  const { code, out } = await keyturn(["completion", "zsh", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({ shell: "zsh", script: expect.stringMatching(/^#compdef keyturn\n/) });
});

describe("in a shell that has read it", () => {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-completion-"));
  beforeAll(() => {
    const program = join(folder, "keyturn");
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, "operator/main.ts")}' "$@"\n`);
    chmodSync(program, 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What a shell prints, and complains. */
  const shell = (name: string, script: string) => {
    const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder, TERM: "dumb" };
    const { stdout, stderr } = spawnSync(name, ["-c", script], { encoding: "utf8", cwd: folder, env });
    return { lines: stdout.trimEnd().split("\n"), stderr };
  };
  const has = (name: string) => spawnSync(name, ["--version"]).status === 0;

  test.skipIf(!has("bash"))("bash completes, evaluates nothing of what is typed, and can read it twice", () => {
    const complete = (...words: string[]) =>
      `COMP_WORDS=(keyturn ${words.join(" ")}); COMP_CWORD=${words.length}; _keyturn; echo "\${COMPREPLY[*]}"`;
    const read = "source <(keyturn completion bash)";
    const typed = [complete("fle"), complete("fleet", "--w"), complete("show", "'$(touch made)'", "--js")];
    const { lines, stderr } = shell("bash", [read, read, "complete -p keyturn", ...typed, "ls made"].join("\n"));
    expect(lines).toEqual(["complete -F _keyturn keyturn", "fleet", "--where --watch", "--json"]);
    expect(stderr).toMatch(/^ls: .*made.*\n$/);
  });

  test.skipIf(!has("fish"))("fish completes", () => {
    const script = "keyturn completion fish | source; complete -C 'keyturn fle'; complete -C 'keyturn fleet --w'";
    const { lines, stderr } = shell("fish", script);
    expect({ names: lines.map((line) => line.split("\t")[0]), stderr }).toEqual({
      names: ["fleet", "--watch", "--where"],
      stderr: "",
    });
  });

  test.skipIf(!has("zsh"))("zsh reads it, and knows by what to complete", () => {
    const script =
      "autoload -Uz compinit; compinit -D -u; source <(keyturn completion zsh); print -r -- $_comps[keyturn]";
    expect(shell("zsh", script)).toEqual({ lines: ["_keyturn"], stderr: "" });
  });
});
