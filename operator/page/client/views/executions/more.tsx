import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

/** So many rows are drawn before somebody asks for more: a table of thousands makes a browser slow. */
const FIRST = 200;

/** Of many, the first ones, and a button by which all are shown. */
export function More<Row>({
  rows,
  what,
  children,
}: {
  rows: readonly Row[];
  /** What they are called, e.g. `events`. */
  what: string;
  children: (shown: readonly Row[]) => ComponentChildren;
}) {
  const [all, setAll] = useState(false);
  const isAll = all || rows.length <= FIRST;
  return (
    <>
      {children(isAll ? rows : rows.slice(0, FIRST))}
      {!isAll && (
        <p class="show-more">
          <button type="button" onClick={() => setAll(true)}>
            Show all {rows.length} {what}
          </button>
        </p>
      )}
    </>
  );
}
