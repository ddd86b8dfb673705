import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { NAMES } from "../../infra/wiring.ts";
import { AWS, Desk, NO_AWS, ROOT, SOON } from "./desk.ts";

// docs/ten-minutes.md as it stands there, but for the port and the number of agents: every block of commands is typed, and what is shown after it
// must come, from npm start or from the commands.

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
    [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "[0-9a-f-]{36}"],
    [/\borders_[ab]\b/g, "orders_[ab]"],
    [/\b\d\d:\d\d:\d\dZ/g, "\\d\\d:\\d\\d:\\d\\dZ"],
    [/\b10(\\\.\d+){3}\b/g, "10[.\\d]+"],
    [/\b(?=[0-9a-f]*\d)[0-9a-f]{6}\b/g, "[0-9a-f]{6}"],
    [/mail\/\d+/g, "mail/\\d+"],
    [/\bgeneration \d+\b/g, "generation \\d+"],
    [/\b2\b/g, "\\d+"],
    [/\s+/g, "\\s+"],
  ];
  return new RegExp(forms.reduce((made, [form, meant]) => made.replace(form, meant), text));
}

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk.close());

const [start, ...steps] = stepsOf(readFileSync(join(ROOT, "docs/ten-minutes.md"), "utf8"));

test("Start", async () => {
  // Two of the five that there are without it show as much, and the others turn their keys every ten seconds, too.
  desk.start(`${start?.commands.trim()} --agents 2`);
  // As the document says to whoever has set it.
  await desk.type("unset AWS_ENDPOINT_URL");
  await comes(start?.shown ?? [], { first: 0, second: 0 });
});

test("What npm start prints to try can be pasted as well", async ({ skip }) => {
  // The page's address is opened, and not typed.
  const lines = (desk.first().match(/^ {2}.+$/gm) ?? []).filter((line) => !/^ +http:/.test(line));
  const isOfAws = (line: string) => /\baws /.test(line);
  const [ofAws, ofKeyturn] = [lines.filter(isOfAws), lines.filter((line) => !isOfAws(line))];
  expect(ofKeyturn.length).toBeGreaterThan(4);
  for (const line of ofKeyturn) {
    const { said, code } = await desk.type(line);
    // There may be no mail yet, and another rotation may be under way.
    expect([0, 3], `${line}\n${said}`).toContain(code);
  }
  skip(!existsSync(AWS), NO_AWS);
  desk.paste();
  const { said, code } = await desk.type(`(set -e\n${ofAws.join("\n")}\n)`);
  expect(code, said).toBe(0);
  for (const part of ["executionArn", '"executions"', NAMES.pushDocument]) expect(said).toContain(part);
  expect(desk.hostile.asked()).toEqual([]);
});

test.for(steps)("$heading: $commands", async ({ commands, shown }, { skip }) => {
  if (/^aws |\$\(aws /m.test(commands)) skip(!existsSync(AWS), NO_AWS);
  const before = { first: desk.first().length, second: desk.second().length };
  const { said, code } = await desk.type(commands);
  expect(code, said).toBe(0);
  await comes(shown, before);
});

/** Waits until each line has come in one of the terminals, after what they had said before. */
async function comes(lines: string[], before: { first: number; second: number }): Promise<void> {
  await vi.waitFor(() => {
    const said = `${desk.first().slice(before.first)}\n${desk.second().slice(before.second)}`;
    expect(lines.filter((line) => !pattern(line).test(said))).toEqual([]);
  }, SOON);
}
