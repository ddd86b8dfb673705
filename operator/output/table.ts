import { widthOf } from "./width.ts";

export interface Column {
  title: string;
  /** Numbers stand to the right. */
  align?: "right";
  /** Left out on a terminal that is too narrow for all: the last such column first. */
  spare?: true;
  /** The last one, of which a terminal that is too narrow shows the rest on the next line: it takes no other's place. */
  runsOver?: true;
}

/** A cell as it is drawn: its text, printable already, and the same as it is painted. */
export interface Drawn {
  text: string;
  painted: string;
}

/** Between two columns. */
const GAP = "  ";

/**
 * The lines of a table, the titles first: columns apart by two spaces, with nothing before the first and behind the last, so that
 * other programs can cut and sort them. Own work, since it is done with thousands of rows in some milliseconds.
 *
 * @param rows each with a cell for each column
 * @param places how many a terminal has in a line; undefined where it is none, and then all columns are drawn
 */
export function tableLines(
  columns: readonly Column[],
  titles: readonly Drawn[],
  rows: readonly (readonly Drawn[])[],
  places: number | undefined,
): string[] {
  const all = [titles, ...rows];
  const widths = columns.map((_, at) => all.reduce((most, row) => Math.max(most, widthOf(row[at]?.text ?? "")), 0));
  const shown = shownOf(columns, widths, places);
  return all.map((row) => {
    const cells = shown.map((at, place) => {
      const { text, painted } = row[at] ?? { text: "", painted: "" };
      const isLeft = columns[at]?.align !== "right";
      // Nobody sees what stands behind the last.
      if (isLeft && place === shown.length - 1) return painted;
      const padding = " ".repeat((widths[at] ?? 0) - widthOf(text));
      return isLeft ? painted + padding : padding + painted;
    });
    return cells.join(GAP).trimEnd();
  });
}

/** The numbers of the columns that are drawn. */
function shownOf(columns: readonly Column[], widths: readonly number[], places = Number.POSITIVE_INFINITY): number[] {
  let shown = columns.map((_, at) => at);
  const least = columns.map(({ title, runsOver }, at) => (runsOver ? title.length : (widths[at] ?? 0)));
  const total = () => shown.reduce((sum, at) => sum + (least[at] ?? 0) + GAP.length, -GAP.length);
  while (total() > places) {
    const last = shown.findLast((at) => columns[at]?.spare);
    if (last === undefined) break;
    shown = shown.filter((at) => at !== last);
  }
  return shown;
}
