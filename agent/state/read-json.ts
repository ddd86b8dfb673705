import type { Disk } from "../disk.ts";
import { Failure } from "../failure.ts";

const BACKUP_OR_ANEW =
  "Nothing was changed. Put it back from a backup; or stop the agent, remove the whole state folder and start the agent, " +
  "which registers this instance anew under another ID.";

/** A state file is there, and what it says is no good. (That it cannot be read at all is another failure.) */
export class UnusableFile extends Failure {}

/**
 * Reads a state file that must hold one JSON object of version 1.
 *
 * @param check says what is wrong with the object, without its values, or undefined if all is well
 * @param wayOut what to do about one that is not right
 * @returns undefined if there is no such file
 * @throws UnusableFile if the file is there and is not what it should be: that never counts as "not there"; a Failure if it
 *   cannot be read
 */
export async function readJson<T>(
  disk: Disk,
  path: string,
  check: (value: Record<string, unknown>) => string | undefined,
  wayOut = BACKUP_OR_ANEW,
): Promise<T | undefined> {
  const text = await disk.read(path);
  if (text === undefined) return undefined;
  const value = parse(text);
  const wrong =
    value === undefined ? "it is not a JSON object" : value.version !== 1 ? "its version is not 1" : check(value);
  if (wrong !== undefined) {
    throw new UnusableFile(`${path} is damaged (${wrong}). ${wayOut}`);
  }
  return value as T;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // JSON.parse quotes what it could not read, which may be a key: the caller says only that it is damaged.
    return undefined;
  }
}
