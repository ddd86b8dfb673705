import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { NAMES } from "../../infra/wiring.ts";
import { type HostileSettings, hostileSettings } from "../restart/hostile-settings.ts";
import { processesThatName } from "../restart/processes.ts";

// docs/ten-minutes.md as it stands there, but for the port: every block of commands is typed, and what is shown after it
// must come, from npm start or from the commands.

const ROOT = join(import.meta.dirname, "../..");
/** Where Debian puts its awscli, whatever other `aws` there may be. */
const AWS = "/usr/bin/aws";
const SOON = { timeout: 80_000, interval: 200 };

interface Step {
  heading: string;
  commands: string;
  shown: string[];
}

/** The blocks of commands, each with the lines that are shown after it. */
function stepsOf(document: string): Step[] {
  const steps: Step[] = [];
  let heading = "";
  for (const [, title, kind, block = ""] of document.matchAll(/^## ([^\n]+)$|^```(sh|text)\n(.*?)^```$/gms)) {
    if (title !== undefined) heading = title;
    else if (kind === "sh") steps.push({ heading, commands: block, shown: [] });
    else steps.at(-1)?.shown.push(...block.trimEnd().split("\n"));
  }
  return steps;
}

/** A line that is shown, as a pattern: of times, IDs, addresses and spaces only the form counts. */
function pattern(line: string): RegExp {
  const text = line.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const forms: [RegExp, string][] = [
    [/\bi-[0-9a-f]{17}\b/g, "i-[0-9a-f]{17}"],
    [/\b\d\d:\d\d:\d\dZ/g, "\\d\\d:\\d\\d:\\d\\dZ"],
    [/\b10(\\\.\d+){3}\b/g, "10[.\\d]+"],
    [/\b(?=[0-9a-f]*\d)[0-9a-f]{6}\b/g, "[0-9a-f]{6}"],
    [/mail\/\d+/g, "mail/\\d+"],
    [/\b2\b/g, "\\d+"],
    [/\s+/g, "\\s+"],
  ];
  return new RegExp(forms.reduce((made, [form, meant]) => made.replace(form, meant), text));
}

/** A program and all that it has said. */
interface Terminal {
  child: ChildProcess;
  said: () => string;
}

function terminal(command: string, args: string[], env: NodeJS.ProcessEnv): Terminal {
  const child = spawn(command, args, { cwd: folder, env, stdio: "pipe" });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      said += chunk;
    });
  }
  return { child, said: () => said };
}

/** Like the project's folder, but with a data folder of its own. */
let folder: string;
let first: Terminal | undefined;
let second: Terminal | undefined;
/** Of whoever sits there, who also works with the real AWS. */
let hostile: HostileSettings;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  hostile = await hostileSettings(folder);
  for (const name of readdirSync(ROOT)) {
    if (!name.startsWith(".")) symlinkSync(join(ROOT, name), join(folder, name));
  }
});
afterAll(async () => {
  for (const one of [first, second]) {
    const ended = one && new Promise((resolve) => one.child.once("close", resolve));
    one?.child.kill("SIGTERM");
    await ended;
  }
  expect(processesThatName(folder)).toEqual([]);
  hostile.close();
  rmSync(folder, { recursive: true, maxRetries: 10 });
});

const [start, ...steps] = stepsOf(readFileSync(join(ROOT, "docs/ten-minutes.md"), "utf8"));

test("Start", async () => {
  const { INIT_CWD: _, ...environment } = process.env;
  first = terminal("/bin/sh", ["-c", `exec ${start?.commands.trim()} --port 0`], environment);
  const path = `/usr/bin:/bin:${process.env.PATH}`;
  second = terminal("/bin/sh", [], { ...environment, ...hostile.environment, PATH: path });
  await comes(start?.shown ?? [], { first: 0, second: 0 });
  // As the document says, before the first command of the AWS CLI.
  const pasted = first.said().match(/^(export|unset) .+$/gm) ?? [];
  expect(pasted.length).toBeGreaterThan(4);
  second.child.stdin?.write(`${pasted.join("\n")}\n`);
});

test("What npm start prints to try can be pasted as well", async ({ skip }) => {
  skip(!existsSync(AWS), `Debian's awscli is not installed at ${AWS}`);
  const lines = first?.said().match(/^ {2}.+$/gm) ?? [];
  expect(lines.length).toBeGreaterThan(4);
  const said = await typed(`(set -e\n${lines.join("\n")}\n)\n`);
  for (const part of ["executionArn", '"executions"', NAMES.pushDocument]) expect(said).toContain(part);
  expect(hostile.asked()).toEqual([]);
});

test.for(steps)("$heading: $commands", async ({ commands, shown }, { skip }) => {
  if (first === undefined || second === undefined) throw new Error("npm start did not come up");
  if (/^aws |\$\(aws /m.test(commands)) skip(!existsSync(AWS), `Debian's awscli is not installed at ${AWS}`);
  const before = { first: first.said().length, second: second.said().length };
  await typed(commands);
  await comes(shown, before);
});

/** Types commands into the second terminal, and waits until all have succeeded. Returns what they have said. */
async function typed(commands: string): Promise<string> {
  const before = second?.said().length;
  const said = () => second?.said().slice(before) ?? "";
  second?.child.stdin?.write(`${commands}echo "typed: $?"\n`);
  await vi.waitFor(() => expect(said()).toContain("typed: "), SOON);
  expect(said()).toContain("typed: 0");
  return said();
}

/** Waits until each line has come in one of the terminals, after what they had said before. */
async function comes(lines: string[], before: { first: number; second: number }): Promise<void> {
  await vi.waitFor(() => {
    const said = `${first?.said().slice(before.first)}\n${second?.said().slice(before.second)}`;
    expect(lines.filter((line) => !pattern(line).test(said))).toEqual([]);
  }, SOON);
}
