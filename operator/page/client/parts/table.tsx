import type { ComponentChildren } from "preact";

export interface Column {
  title: string;
  isNumber?: boolean;
  /** It is left out on a narrow screen. */
  isSpare?: boolean;
}

/** A table; what is wider than the screen is scrolled in it. Each row has a key of its own. */
export function Table({
  label,
  columns,
  rows,
}: {
  label: string;
  columns: readonly Column[];
  rows: readonly { key: string; cells: readonly ComponentChildren[]; isBad?: boolean }[];
}) {
  const classOf = ({ isNumber, isSpare }: Column) =>
    [isNumber && "number", isSpare && "spare"].filter(Boolean).join(" ");
  return (
    // What is scrolled must be reached by keyboard, too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class="scrolled" tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells, isBad }) => (
            <tr key={key} class={isBad ? "bad" : ""}>
              {columns.map((column, at) => (
                <td key={column.title} class={classOf(column)}>
                  {cells[at]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
