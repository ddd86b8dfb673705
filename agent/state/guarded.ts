import { lstat } from "node:fs/promises";
import { codeOf } from "../way-out.ts";

/**
 * Looks whether the state folder and what it holds are for their owner alone, as the agent makes them.
 *
 * @param files those that are not there are passed over
 * @param user who ought to own them: the one whom the agent runs as
 * @returns a sentence for each that is not
 */
export async function unguarded(folder: string, files: string[], user: number): Promise<string[]> {
  const found = await Promise.all([look(folder, "folder", user), ...files.map((path) => look(path, "file", user))]);
  return found.flat();
}

async function look(path: string, kind: "file" | "folder", user: number): Promise<string[]> {
  const there = await lstat(path).catch((error: unknown) => {
    // What cannot be looked at is said by whoever reads it.
    if (codeOf(error) === "ENOENT" || codeOf(error) === "EACCES") return undefined;
    throw error;
  });
  if (there === undefined) return [];
  // The folder may be reached by a link; a file of the agent's never is one.
  if (kind === "file" && !there.isFile()) return [`${path} is no plain file: somebody has put something else there.`];
  const sentences: string[] = [];
  const mode = there.mode & 0o777;
  if (!there.isSymbolicLink() && (mode & 0o077) !== 0) {
    const right = kind === "file" ? "600" : "700";
    sentences.push(
      `${path} has the mode ${mode.toString(8)}: others than its owner may get at it. Find out since when, have the ` +
        `instance rekeyed if anybody may know its key, and set the mode to ${right}.`,
    );
  }
  if (there.uid !== user) {
    sentences.push(`${path} belongs to user ${there.uid}, and not to user ${user}, as whom this runs.`);
  }
  return sentences;
}
