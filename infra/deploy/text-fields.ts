/**
 * The names of the fields of a JSON object that hold a text that is not empty. Of a value nothing else is told: the parser's own
 * error would repeat a part of it.
 */
export function textFieldsIn(value: string | undefined): Set<string> {
  try {
    const fields: unknown = JSON.parse(value ?? "");
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return new Set();
    const texts = Object.entries(fields).filter(([, field]) => typeof field === "string" && field !== "");
    return new Set(texts.map(([name]) => name));
  } catch {
    return new Set();
  }
}
