import type { Output } from "../../operator/output/output.ts";

/** An output that keeps what is said, notes included, and shows nothing. */
export function quietOutput(): { out: Output; said: () => string } {
  const lines: string[] = [];
  const textOf = (cell: Parameters<Output["line"]>[number]) => (typeof cell === "string" ? cell : cell.text);
  return {
    out: {
      ...{ json: false, isTerminal: false, rows: undefined },
      line: (...cells) => void lines.push(cells.map(textOf).join("")),
      table: (_columns, rows) => void lines.push(...rows.map((row) => row.map(textOf).join(" "))),
      note: (text) => void lines.push(text),
      raw: (text) => void lines.push(text),
      progress: () => undefined,
      clear: () => undefined,
    },
    said: () => lines.join("\n"),
  };
}
