// What the client of MySQL asks of the package iconv-lite, by what Node has: in a function's bundle this stands in that
// package's place, which is half a megabyte of tables.

/** The client's name for MySQL's `utf8` of three bytes; Keyturn's sessions are in the one of four. */
const OF_THREE_BYTES = "cesu8";

/** @throws RangeError for an encoding that Node does not know */
export function getDecoder(encoding: string): { write(bytes: Buffer): string; end(): undefined } {
  const decoder = new TextDecoder(encoding === OF_THREE_BYTES ? "utf-8" : encoding);
  return { write: (bytes) => decoder.decode(bytes), end: () => undefined };
}

/** @throws RangeError for an encoding other than UTF-8 */
export function getEncoder(encoding: string): { write(text: string): Buffer; end(): undefined } {
  if (encoding !== OF_THREE_BYTES) throw new RangeError(`Texts are written in UTF-8 only, not in ${encoding}`);
  return { write: (text) => Buffer.from(text), end: () => undefined };
}
