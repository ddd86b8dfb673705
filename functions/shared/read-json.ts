/** What a text holds as JSON; undefined for what is none, since the parser's own error would repeat a part of it. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
