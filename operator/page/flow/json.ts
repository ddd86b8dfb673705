/** JSON as an object; an empty one where it is none, as a cause that is a sentence. */
export function objectIn(text: string): Record<string, unknown> {
  const value = parsed(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** What a text is as JSON; itself where it is none, such as the cause of a failure that a person has written. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
