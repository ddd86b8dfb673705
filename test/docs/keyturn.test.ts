import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { COMMANDS } from "../../operator/commands.ts";
import { parsed } from "../operator/parsed.ts";

// Whatever any document tells to type by `npx keyturn` is a command that there is, with arguments and options that it takes.

const ROOT = join(import.meta.dirname, "../..");
const documents = globSync("{*,docs/**/*,test/**/*,consumer/*,infra/*,operator/*}.md", { cwd: ROOT }).sort();

/** Up to the end of a command: where a shell would see another one, a redirection, or the end of its line. */
const LINE = /npx keyturn (?:'[^']*'|"[^"]*"|\\.|[^'"\\|;&()<>`\n])*/gs;
/** In the place of what a document leaves open. */
const EXAMPLE: [RegExp, string][] = [
  [/\bDAY=DIGEST\b/, `2026-11-26=${"0".repeat(64)}`],
  [/\s#.*$/, ""],
];

/** In running text, a command may just be named. */
const isNamed = (text: string) => COMMANDS.some(({ name }) => text === `npx keyturn ${name}`);

function linesOf(document: string): string[] {
  const parts = document.split(/^ *```.*$/m);
  const code = parts.flatMap((part, n) =>
    n % 2 === 1
      ? [part]
      : Array.from(part.matchAll(/`([^`]+)`/g), ([, text = ""]) => text.replace(/\s+/g, " ")).filter(
          (text) => !isNamed(text),
        ),
  );
  return (
    code
      .flatMap((text) => text.match(LINE) ?? [])
      // What a shell puts in is known to nobody before.
      .filter((line) => !line.includes("$"))
      .map((line) => EXAMPLE.reduce((text, [open, value]) => text.replace(open, value), line).replaceAll("\\\n", " "))
  );
}

test("lines are found in blocks and in running text", () => {
  const text = [
    "By `npx keyturn`, `npx keyturn show`, or `npx keyturn report --seal\nDAY=DIGEST`, npx keyturn does.",
    "```sh\nnpx keyturn fleet --where 'age>30d' | head # ten\nnpx keyturn rotate a1b2c3 \\\n  --wait && ls\n```",
    '```sh\neval "$(npx keyturn env)"\nk() { npx keyturn "$@"; }\n```',
  ].join("\n");
  expect(linesOf(text).map((line) => line.trim().replace(/ +/g, " "))).toEqual([
    `npx keyturn report --seal 2026-11-26=${"0".repeat(64)}`,
    "npx keyturn fleet --where 'age>30d'",
    "npx keyturn rotate a1b2c3 --wait",
    "npx keyturn env",
  ]);
});

test.for(
  documents.flatMap((file) =>
    [...new Set(linesOf(readFileSync(join(ROOT, file), "utf8")))].map((line) => [file, line]),
  ),
)("%s: %s", async ([file, line = ""]) => {
  await expect(parsed(line), `${file}: keyturn does not take this`).resolves.toBeDefined();
});

test.each([
  "npx keyturn rotat a1b2c3",
  "npx keyturn rotate a1b2c3 --wiat",
  "npx keyturn show a1b2c3 d4e5f6",
  "npx keyturn show",
])("%s is noticed", async (line) => {
  await expect(parsed(line)).rejects.toThrow();
});
