/** A value as JSON knows it. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export type JsonObject = { [name: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What JSONata and Step Functions call the type of a value. */
export function typeName(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** The longest payload that a state, a task or an execution may take or return, in bytes of UTF-8. */
const LONGEST_PAYLOAD = 256 * 1024;

/** Whether a payload, as JSON text, is over the limit of 256 KiB. */
export function isTooLong(text: string): boolean {
  // A character takes at most three bytes of UTF-8 for each UTF-16 unit: most texts need no counting.
  return text.length * 3 > LONGEST_PAYLOAD && Buffer.byteLength(text, "utf8") > LONGEST_PAYLOAD;
}

/**
 * A text of JSON.
 *
 * @throws SyntaxError if it is none, or holds a number that only JavaScript can have: it would be written as `null`
 */
export function readJson(text: string): Json {
  return JSON.parse(text, (_, part) => {
    if (isNoNumber(part)) throw new SyntaxError("Number out of range");
    return part;
  }) as Json;
}

/** Whether a value is infinite or not a number, which JSON cannot say. */
export function isNoNumber(value: unknown): boolean {
  return typeof value === "number" && !Number.isFinite(value);
}
