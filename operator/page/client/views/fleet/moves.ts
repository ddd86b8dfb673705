/**
 * Where a key leads among tiles in rows: to the next and the one before, up and down, the first and the last.
 *
 * @param key as a keyboard event names it
 * @param at the index of the tile that one is on
 * @param columns how many stand in a row
 * @returns its index; undefined where the key leads nowhere
 */
export function moved(
  key: string,
  at: number,
  { count, columns }: { count: number; columns: number },
): number | undefined {
  const steps: Record<string, number> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at + columns,
    ArrowUp: at - columns,
    Home: 0,
    End: count - 1,
  };
  const next = steps[key];
  return next === undefined || next < 0 || next >= count || next === at ? undefined : next;
}
