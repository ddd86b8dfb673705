/**
 * The names of the fields of a JSON object that hold a text that is not empty. Of a value nothing else is told: the parser's own
 * error would repeat a part of it.
 */
export function textFieldsIn(value: string | undefined): Set<string> {
  return new Set(textsIn(value).keys());
}

/** Whether two JSON objects have the same text in a field, which is not empty. */
export function haveSameText(field: string, one: string | undefined, other: string | undefined): boolean {
  const text = textsIn(one).get(field);
  return text !== undefined && text === textsIn(other).get(field);
}

function textsIn(value: string | undefined): Map<string, string> {
  try {
    const fields: unknown = JSON.parse(value ?? "");
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return new Map();
    const texts = Object.entries(fields).filter(([, field]) => typeof field === "string" && field !== "");
    return new Map(texts);
  } catch {
    return new Map();
  }
}
