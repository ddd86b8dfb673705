import { alterationsOf } from "./alterations.ts";
import { type Change, changed } from "./change.ts";
import { parse, whereIs } from "./syntax.ts";

/** A file's text with one thing in it altered. */
export interface SourceMutant {
  /** `protocol/proofs.ts, sampleHash: ["a", "b"] → ["a"]`: without a line number, so that it stays when others come. */
  name: string;
  line: number;
  text: string;
}

const LONGEST = 70;

/**
 * All that one thing altered can make of a file.
 *
 * @param file its path in the repository
 * @throws Error where the text is no TypeScript
 */
export function sourceMutantsOf(file: string, text: string): SourceMutant[] {
  const count = new Map<string, number>();
  return alterationsOf(parse(text), text).map(({ place, change }) => {
    const where = whereIs(place);
    const name = `${file}${where === "" ? "" : `, ${where}`}: ${said(text, change)}`;
    const same = (count.get(name) ?? 0) + 1;
    count.set(name, same);
    return {
      name: same === 1 ? name : `${name} (${same})`,
      line: text.slice(0, change.start).split("\n").length,
      text: changed(text, change),
    };
  });
}

/** What is altered, and into what. Something that goes is shown with nothing behind the arrow. */
function said(text: string, { start, end, to }: Change): string {
  const [from, becomes] = isShort(text.slice(start, end))
    ? widened(text, { start, end, to })
    : [text.slice(start, end), to];
  return `${oneLine(from)} → ${oneLine(becomes)}`.trimEnd();
}

const isShort = (from: string) => /^[^\w"'`]*$/.test(from);

/** With what stands on either side in its line, where what is altered is an operator. */
function widened(text: string, { start, end, to }: Change): [string, string] {
  const before = /[^\n]{0,24}$/.exec(text.slice(0, start))?.[0].trimStart() ?? "";
  const behind = /^[^\n]{0,24}/.exec(text.slice(end))?.[0].trimEnd() ?? "";
  return [before + text.slice(start, end) + behind, before + to + behind];
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
