/**
 * Looks for many words in a long text: for those of letters, digits, `_` and `-` alone, as keys and passwords are, in one pass
 * over it for each length that they have.
 *
 * @returns where one that was found begins; -1 where none stands in it
 */
export function placeOfAny(words: Iterable<string>, text: string): number {
  const byLength = new Map<number, Set<string>>();
  for (const word of words) {
    if (/^[\w-]+$/.test(word)) byLength.set(word.length, (byLength.get(word.length) ?? new Set()).add(word));
    else if (text.includes(word)) return text.indexOf(word);
  }
  for (const [length, alike] of byLength) {
    let run = 0;
    for (let end = 0; end < text.length; end += 1) {
      run = isOfWord(text.charCodeAt(end)) ? run + 1 : 0;
      const from = end + 1 - length;
      if (run >= length && alike.has(text.slice(from, end + 1))) return from;
    }
  }
  return -1;
}

/** `[A-Za-z0-9_-]` */
function isOfWord(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 95 ||
    code === 45
  );
}
