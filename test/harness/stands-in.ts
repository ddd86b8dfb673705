/**
 * Looks for many words in a long text, in one pass over it.
 *
 * @param words of letters, digits, `_` and `-` alone, as keys, passwords and tokens are
 * @returns where the first that was found begins; -1 where none stands in it
 */
export function placeOfAny(words: Iterable<string>, text: string): number {
  const byLength = new Map<number, Set<string>>();
  for (const word of words) {
    const { length } = word;
    byLength.set(length, (byLength.get(length) ?? new Set()).add(word));
  }
  for (const [length, alike] of byLength) {
    if (length === 0) return 0;
    for (const { 0: run, index } of text.matchAll(new RegExp(`[\\w-]{${length},}`, "g"))) {
      for (let from = 0; from + length <= run.length; from += 1) {
        if (alike.has(run.slice(from, from + length))) return index + from;
      }
    }
  }
  return -1;
}
