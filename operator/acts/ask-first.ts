import { createInterface } from "node:readline/promises";
import type { Context } from "../context.ts";
import { misused, refused } from "../exits.ts";

/** Where people are asked, and answer. */
export interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream & { isTTY?: boolean };
}

/**
 * Asks before something is done that concerns many, or cannot be undone; where that was answered beforehand, it still says where.
 *
 * @param what e.g. `rekey 50 instances`
 * @param given.yes whether it was answered beforehand, by --yes
 * @param terminal by itself beside the answer, which may go into a file
 * @throws Stopped (3) where the answer is no, (2) where there is no terminal to ask on
 */
export async function askFirst(
  what: string,
  { yes }: { yes?: boolean | undefined },
  { place, out, stopped }: Pick<Context, "place" | "out" | "stopped">,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  const meant = `${what.charAt(0).toUpperCase()}${what.slice(1)}, ${place.said}`;
  if (yes === true) {
    // Whoever is in the wrong place still has a moment for Ctrl-C, and reads in a log afterwards where it was.
    out.note(`${meant}.`);
    return;
  }
  const asked = `${meant}?`;
  if (input.isTTY !== true || output.isTTY !== true) {
    throw misused(`${asked} Nobody can be asked without a terminal: say --yes, or --dry-run to see who is meant.`);
  }
  // What was said of how it went so far is gone then.
  out.progress("");
  // Its own editing of the line would take Ctrl-C for itself.
  const lines = createInterface({ input, output, terminal: false });
  try {
    const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    const answer = await Promise.race([lines.question(`${asked} [y/N] `, { signal: stopped }), closed]);
    if (/^\s*y(es)?\s*$/i.test(answer)) return;
  } catch (error) {
    if (!stopped.aborted) throw error;
    out.note("Nothing was done.");
    throw error;
  } finally {
    lines.close();
  }
  throw refused("Nothing was done.");
}
