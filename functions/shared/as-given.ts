/**
 * What somebody gave as the name of something, for people to read: cut and made printable, since it may be anything.
 *
 * @param name.most how many characters of it are kept
 * @param name.odd what no such name has, with the flag `g`: a question mark stands for it
 */
export function asGiven(given: unknown, { most, odd }: { most: number; odd: RegExp }): string {
  const text = typeof given === "string" ? given : asJson(given);
  return text.slice(0, most).replace(odd, "?") || "nothing";
}

/** Whatever is too deep to be written must keep nothing else from being read. */
function asJson(given: unknown): string {
  try {
    return JSON.stringify(given) ?? "nothing";
  } catch {
    return "something that cannot be written as JSON";
  }
}
