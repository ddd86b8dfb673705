import { styleText } from "node:util";
import { printable } from "../../functions/shared/printable.ts";

export type Style = Parameters<typeof styleText>[0];

/** A text of a table or a line; whatever it holds, it stays one line and moves no cursor. */
export type Cell = string | { text: string; style: Style };

export interface Column {
  title: string;
  /** Numbers stand to the right. */
  align?: "right";
}

/** Where a command says what it has to say. Answers go to stdout, everything about them to stderr. */
export interface Output {
  /** Whether one JSON document is wanted, and nothing else. */
  json: boolean;
  /** Whether stdout, and stderr, is a terminal. */
  isTerminal: boolean;
  line(...cells: Cell[]): void;
  /** A table; nothing at all of no rows. */
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void;
  /** Beside the answer, on stderr: what goes on, what to know. */
  note(text: string): void;
  /** What goes on just now, in the place of what was said so before: on a terminal only, and gone with the answer. */
  progress(text: string): void;
  /** Raw text to stdout, as it stands: a CSV, a script. */
  raw(text: string): void;
}

interface Streams {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/** The real one. Loads what draws tables when one is drawn: most commands of a script draw none. */
export async function terminalOutput({ json }: { json: boolean }, { stdout, stderr }: Streams): Promise<Output> {
  const isTerminal = stdout.isTTY === true && stderr.isTTY === true;
  const { Table } = json ? { Table: undefined } : await import("console-table-printer");
  let shown = false;
  const clear = () => {
    if (shown) stderr.write("\r\x1b[K");
    shown = false;
  };
  const styled = (cell: Cell) =>
    typeof cell === "string"
      ? printable(cell)
      : styleText(cell.style, printable(cell.text), { stream: stdout, validateStream: true });

  return {
    json,
    isTerminal,
    line(...cells) {
      clear();
      stdout.write(`${cells.map(styled).join("")}\n`);
    },
    table(columns, rows) {
      clear();
      if (Table === undefined || rows.length === 0) return;
      const table = new Table({
        columns: columns.map(({ title, align }) => ({ name: title, alignment: align ?? "left" })),
        style: PLAIN,
        shouldDisableColors: true,
      });
      for (const row of rows) {
        table.addRow(Object.fromEntries(columns.map(({ title }, index) => [title, styled(row[index] ?? "")])));
      }
      const lines = table
        .render()
        .split("\n")
        .map((line) => line.trimEnd())
        .filter((line) => line !== "");
      stdout.write(`${lines.join("\n")}\n`);
    },
    note(text) {
      clear();
      stderr.write(`${text.split("\n").map(printable).join("\n")}\n`);
    },
    progress(text) {
      if (!isTerminal || json) return;
      stderr.write(`\r\x1b[K${printable(text)}`);
      shown = true;
    },
    raw(text) {
      clear();
      stdout.write(text);
    },
  };
}

/** Columns apart by spaces, so that a line can be cut and sorted by other programs. */
const PLAIN = {
  headerTop: { left: "", mid: "", right: "", other: "" },
  headerBottom: { left: "", mid: "", right: "", other: "" },
  tableBottom: { left: "", mid: "", right: "", other: "" },
  vertical: "",
};
