import { commandsOf } from "../cli/told.ts";

/** Where a command is typed that the fleet of `npm start` cannot answer: the words of the mark, after `# `. */
export type Place = "on AWS" | "on the instance" | "with timeSeries dynamodb";

/** What a person types at once: a block of a document, or a command that stands in its running text. */
export interface Block {
  line: number;
  /** The heading above it. */
  section: string;
  /** What is typed beside `npm start`, as it stands; empty where nothing is. */
  here: string;
  /** What is marked: a command each, which may take several lines. */
  elsewhere: { place: Place; command: string }[];
  /** Does by the AWS CLI what the block before it does by `keyturn`: test/cli types it. */
  instead?: true;
}

const BLOCK = /^( *)```sh\n(.*?)^ *```$/gms;
/** In the first line of a block, it counts for the whole block: one goes to another computer. */
const WHOLE_BLOCK = /^# on the instance\n/;
/** Above a command, it counts for that one, as in test/cli/told.ts. */
const NEXT_COMMAND = /^# (on AWS|with timeSeries dynamodb)$/;
/** A line, or several, in which every quote is closed and no backslash asks for another line. */
const WHOLE = /^(?:[^'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")*$/s;

/** What leads to such a block, somewhere in the paragraph above it. */
const INSTEAD = /\bby the AWS CLI\b[^\n]*(?:\n[^\n]+)*:\n\n$/;

/** Everything that a document tells people to type, in the order in which it stands there. */
export function blocksOf(document: string): Block[] {
  const place = (index: number) => {
    const lines = document.slice(0, index).split("\n");
    const section = lines.findLast((line) => /^##+ /.test(line))?.replace(/^#+ /, "") ?? "";
    return { line: lines.length, section };
  };
  const blocks = Array.from(document.matchAll(BLOCK), ({ 1: indent = "", 2: text = "", index }) => {
    const { line, section } = place(index);
    const instead = INSTEAD.test(document.slice(0, index)) && { instead: true as const };
    return { line: line + 1, section, ...partsOf(text.replaceAll(new RegExp(`^${indent}`, "gm"), "")), ...instead };
  });
  const prose = document.replace(/^ *```.*?^ *```$/gms, (block) => block.replace(/[^\n]/g, " "));
  const startOf = (line: number) => prose.split("\n", line).join("\n").length;
  const inProse = commandsOf(prose).map(({ line, command, onAws }) => ({
    ...place(startOf(line)),
    here: onAws ? "" : command,
    elsewhere: onAws ? [{ place: "on AWS" as const, command }] : [],
  }));
  return [...blocks, ...inProse].sort((a, b) => a.line - b.line);
}

/** The commands of a block by where they are typed. */
function partsOf(block: string): Pick<Block, "here" | "elsewhere"> {
  const whole: Place | undefined = WHOLE_BLOCK.test(block) ? "on the instance" : undefined;
  const here: string[] = [];
  const elsewhere: Block["elsewhere"] = [];
  let next: Place | undefined;
  let command: string[] = [];
  for (const line of block.trimEnd().split("\n")) {
    if (command.length === 0 && /^ *(#|$)/.test(line)) {
      next = NEXT_COMMAND.exec(line)?.[1] as Place | undefined;
      continue;
    }
    command.push(line);
    const text = command.join("\n");
    if (!WHOLE.test(text)) continue;
    const place = whole ?? next;
    if (place === undefined) here.push(text);
    else elsewhere.push({ place, command: text });
    [next, command] = [undefined, []];
  }
  // What is never whole is typed nevertheless: the shell says what is wrong with it.
  here.push(...command);
  return { here: here.join("\n"), elsewhere };
}
