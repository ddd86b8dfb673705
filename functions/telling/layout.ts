import { printable } from "../shared/printable.ts";
import { consoleLink } from "./console-link.ts";

/** A line with its label, e.g. `["It means", "…"]` (an empty one goes on with the line above), or a line as it stands. */
export type Line = [label: string, text: string] | string;

/** Wide enough for the longest label. */
const LABEL_WIDTH = 12;

/**
 * The text of a mail: paragraphs of lines, their texts one under the other, and at the end the execution that it is
 * about with the link that opens it.
 */
export function layout(paragraphs: Line[][], execution: string, ending: Line[] = []): string {
  const all: Line[][] = [...paragraphs, [["Execution", execution], consoleLink(execution)], ending];
  const written = all.filter((lines) => lines.length > 0).map((lines) => lines.map(lineOf).join("\n"));
  return `${written.join("\n\n")}\n`;
}

function lineOf(line: Line): string {
  if (typeof line === "string") return printable(line);
  const [label, text] = line;
  return `${(label === "" ? "" : `${label}:`).padEnd(LABEL_WIDTH)}${printable(text)}`;
}
