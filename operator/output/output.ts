import { styleText } from "node:util";
import { printable } from "../../functions/shared/printable.ts";
import { type Column, type Drawn, tableLines } from "./table.ts";

export type { Column };
export type Style = Parameters<typeof styleText>[0];

/** A text of a table or a line; whatever it holds, it stays one line and moves no cursor. */
export type Cell = string | { text: string; style: Style };

/** Where a command says what it has to say. Answers go to stdout, everything about them to stderr. */
export interface Output {
  /** Whether one JSON document is wanted, and nothing else. */
  json: boolean;
  /** Whether stdout, and stderr, is a terminal. */
  isTerminal: boolean;
  /** How many lines the terminal shows; undefined where there is none. */
  rows: number | undefined;
  line(...cells: Cell[]): void;
  /** A table; nothing at all of no rows. On a terminal that is too narrow, spare columns are left out. */
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void;
  /** Beside the answer, on stderr: what goes on, what to know. */
  note(text: string): void;
  /** What goes on just now, in the place of what was said so before: on a terminal only, and gone with the answer. */
  progress(text: string): void;
  /** Raw text to stdout, as it stands: a CSV, a script. */
  raw(text: string): void;
  /** Empties the screen for what comes next; where there is none, nothing. */
  clear(): void;
}

/** What of the process's streams is needed. */
export interface Streams {
  stdout: Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns" | "rows">;
  stderr: Pick<NodeJS.WriteStream, "write" | "isTTY">;
}

const HOME_AND_EMPTY = "\x1b[H\x1b[J";

/** The real one. */
export function terminalOutput({ json }: { json: boolean }, { stdout, stderr }: Streams): Output {
  const isTerminal = stdout.isTTY === true && stderr.isTTY === true;
  let shown = false;
  const unsay = () => {
    if (shown) stderr.write("\r\x1b[K");
    shown = false;
  };
  const stream = stdout as NodeJS.WriteStream;
  const drawn = (cell: Cell): Drawn => {
    const { text, style } = typeof cell === "string" ? { text: cell, style: undefined } : cell;
    // It may come from a table that somebody has altered, and be no text at all.
    const plain = printable(String(text));
    return { text: plain, painted: style === undefined ? plain : styleText(style, plain, { stream }) };
  };

  return {
    json,
    isTerminal,
    get rows() {
      return isTerminal ? stdout.rows : undefined;
    },
    line(...cells) {
      unsay();
      stdout.write(`${cells.map((cell) => drawn(cell).painted).join("")}\n`);
    },
    table(columns, rows) {
      unsay();
      if (json || rows.length === 0) return;
      const titles = columns.map(({ title }) => drawn({ text: title, style: "bold" }));
      const cells = rows.map((row) => columns.map((_, at) => drawn(row[at] ?? "")));
      const places = stdout.isTTY ? stdout.columns : undefined;
      stdout.write(`${tableLines(columns, titles, cells, places).join("\n")}\n`);
    },
    note(text) {
      unsay();
      stderr.write(`${text.split("\n").map(printable).join("\n")}\n`);
    },
    progress(text) {
      if (!isTerminal || json) return;
      stderr.write(`\r\x1b[K${printable(text)}`);
      shown = true;
    },
    raw(text) {
      unsay();
      stdout.write(text);
    },
    clear() {
      unsay();
      if (isTerminal) stdout.write(HOME_AND_EMPTY);
    },
  };
}
