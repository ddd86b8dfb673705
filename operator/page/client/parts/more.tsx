import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

/** So many rows are drawn before somebody asks for more: a table of thousands makes a browser slow. */
const FIRST = 200;

/** Of many, the first ones, and a button by which all are shown. */
export function More<Row>({
  rows,
  first = FIRST,
  isKept = () => false,
  what,
  children,
}: {
  rows: readonly Row[];
  first?: number;
  /** Which are shown in any case. */
  isKept?: (row: Row) => boolean;
  /** What the others are called, e.g. `older ones`. */
  what: string;
  children: (shown: readonly Row[]) => ComponentChildren;
}) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? rows : rows.filter((row, at) => at < first || isKept(row));
  const rest = rows.length - shown.length;
  return (
    <>
      {children(shown)}
      {rest > 0 && (
        <p class="show-more">
          <button type="button" onClick={() => setAll(true)}>
            Show {rest.toLocaleString("en")} {what}
          </button>
        </p>
      )}
    </>
  );
}
