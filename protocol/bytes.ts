/**
 * The one way in which Keyturn turns fields into bytes before they are authenticated: for each field its UTF-8 length
 * as 4 bytes big-endian, then its UTF-8 bytes. Numbers are written as decimal integers. Because every field carries its
 * length, no two lists of fields give the same bytes.
 *
 * @throws TypeError that names the field, by its number from 1, when it is neither a text that UTF-8 can write nor a safe
 *   integer of 0 or more
 */
export function frame(...fields: (string | number)[]): Buffer {
  const parts: Buffer[] = [];
  fields.forEach((field, index) => {
    // UTF-8 writes every half character alike, so that two texts would give the same bytes.
    const isField = typeof field === "string" ? field.isWellFormed() : Number.isSafeInteger(field) && field >= 0;
    if (!isField) throw new TypeError(`field ${index + 1} must be a text, or a whole number of 0 or more`);
    const bytes = Buffer.from(String(field), "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  });
  return Buffer.concat(parts);
}
