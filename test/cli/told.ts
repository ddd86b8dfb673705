import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A command of the AWS CLI, or of `keyturn`, that a document tells somebody to type. */
export interface Told {
  file: string;
  line: number;
  command: string;
  /** Marked in the document: it needs a real account. */
  onAws: boolean;
}

const BLOCK = /^ *```sh\n(.*?)^ *```$/gms;
/** In prose, the mark stands right behind the command: `…` (on AWS), or `…`, on AWS. */
const INLINE = /`((?:aws|npx keyturn) [^`]+)`(?<mark>[\s,(]+on\s+AWS\b)?/g;
/** In a block, the mark is a comment before the command. */
const MARK = /^ *# on AWS$/;
/** What stands for a name that nobody has: how a command looks, and none to be typed. */
const FORM = /^npx keyturn .*\b(?:SUBJECT|DAY=DIGEST)\b/;
/** A line, or several, in which every quote is closed and no backslash asks for another line. */
const WHOLE = /^(?:[^'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")*$/s;

/** The commands that a document tells, each in one line as a shell takes it, in the order in which they stand there. */
export function commandsToldIn(file: string): Told[] {
  const document = readFileSync(join(import.meta.dirname, "../..", file), "utf8");
  return commandsOf(document).map((told) => ({ ...told, file }));
}

/** The same of a document's text. */
export function commandsOf(document: string): Omit<Told, "file">[] {
  const lineAt = (index: number) => document.slice(0, index).split("\n").length;
  const inBlocks = Array.from(document.matchAll(BLOCK)).flatMap(({ 1: block = "", index }) =>
    commandsOfBlock(block).map(({ at, ...told }) => ({ ...told, line: lineAt(index) + 1 + at })),
  );
  const prose = document.replace(/^ *```.*?^ *```$/gms, (block) => block.replace(/[^\n]/g, " "));
  const inProse = Array.from(prose.matchAll(INLINE), ({ 1: command = "", index, groups }) => ({
    line: lineAt(index),
    command: command.replace(/\s*\n\s*/g, " "),
    onAws: groups?.mark !== undefined,
  }));
  return [...inBlocks, ...inProse].filter(({ command }) => !FORM.test(command)).sort((a, b) => a.line - b.line);
}

function commandsOfBlock(block: string): { at: number; command: string; onAws: boolean }[] {
  const commands: { at: number; command: string; onAws: boolean }[] = [];
  let onAws = false;
  let command = "";
  for (const [at, line] of block.split("\n").entries()) {
    if (command === "" && /^ *(#|$)/.test(line)) {
      onAws = MARK.test(line);
      continue;
    }
    command += command === "" ? line.trim() : `\n${line}`;
    if (!WHOLE.test(command)) continue;
    if (/\b(?:aws|npx keyturn) [a-z]/.test(command))
      commands.push({ at: at - command.split("\n").length + 1, command, onAws });
    [command, onAws] = ["", false];
  }
  return commands;
}

/** Secrets Manager's refusal while a turn is under way, which passes: whoever types a command asks again then. */
export const UNDER_WAY = /\(InvalidRequestException\)[^\n]*: A previous rotation isn't complete/;

/**
 * Puts the names of a fleet in place of those that stand in a document, all at once: a name that was put there, of an
 * execution, say, is not looked through for one of a document.
 *
 * @param values what stands in the document, and what to put there; none is the beginning of another
 */
export function withNamesOf(values: [string, string][], text: string): string {
  const real = new Map(values);
  const names = values.map(([name]) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return text.replace(new RegExp(names.join("|"), "g"), (name) => real.get(name) ?? name);
}
