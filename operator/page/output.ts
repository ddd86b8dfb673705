import type { Output } from "../output/output.ts";

/** Where reads for the page say what they have to say: that AWS is slow, or throttles. There is nobody at a terminal to read it. */
export function pageOutput(onNote: (text: string) => void): Output {
  const nothing = () => undefined;
  return {
    ...{ json: false, isTerminal: false, rows: undefined },
    ...{ line: nothing, table: nothing, progress: nothing, raw: nothing, clear: nothing },
    note: onNote,
  };
}
