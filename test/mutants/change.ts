/** One thing in a text that is altered: what stands from `start` to `end` becomes `to`. */
export interface Change {
  start: number;
  end: number;
  to: string;
}

/** A text with one thing altered. */
export function changed(text: string, { start, end, to }: Change): string {
  return text.slice(0, start) + to + text.slice(end);
}
