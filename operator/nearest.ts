/** From how many changes on one word is no other one mistyped, in a word of so many characters. */
const mostChanges = (word: string) => Math.max(1, Math.floor(word.length / 3));

/**
 * What somebody has likely meant by a word that is none of those known.
 *
 * @returns the known word that is nearest to it, whatever the case; undefined where none is near
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((one) => ({ one, changes: changesBetween(word.toLowerCase(), one.toLowerCase()) }))
    .sort((a, b) => a.changes - b.changes);
  const [best] = ranked;
  return best !== undefined && best.changes <= mostChanges(best.one) ? best.one : undefined;
}

/** By how many characters put in, left out, replaced, or swapped with their neighbour two words differ. */
function changesBetween(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const ways = [at(row, j) + 1, at(next, j - 1) + 1, at(row, j - 1) + (isSame ? 0 : 1)];
      if (isSwapped) ways.push(at(before, j - 2) + 1);
      next.push(Math.min(...ways));
    }
    before = row;
    row = next;
  }
  return at(row, other.length);
}

const at = (row: readonly number[], place: number) => row[place] ?? 0;

/** The end of a sentence about a word that is not known: what was likely meant, or what there is. */
export function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? `There are ${known.join(", ")}.` : `Did you mean ${near}?`;
}
