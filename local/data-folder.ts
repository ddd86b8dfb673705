import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A folder that cannot be used, or is in use. Its message is one sentence for the user. */
export class FolderError extends Error {}

/** The file by which a folder is known as Keyturn's; it is locked while it is in use. */
const MARK = "keyturn-data.sqlite";

/**
 * Takes a data folder for this process alone, until `release` or the process's death: the system's own file lock, which
 * nothing leaves behind.
 *
 * @param options.fresh empties it first, if it is Keyturn's
 * @throws FolderError with one clear sentence
 */
export function takeDataFolder(path: string, options: { fresh: boolean }): { folder: string; release: () => void } {
  const folder = resolve(path);
  let names: string[];
  try {
    // Not `recursive`, with which Node tries for ever where the system says "no such folder" of a folder that is there.
    if (!existsSync(folder)) mkdirSync(folder);
    accessSync(folder, constants.R_OK | constants.W_OK);
    names = readdirSync(folder);
  } catch (error) {
    throw new FolderError(`The data folder ${folder} cannot be used: ${(error as Error).message}.`);
  }
  const isKeyturns = existsSync(join(folder, MARK));
  if (!isKeyturns && names.length > 0) {
    throw new FolderError(`The folder ${folder} is not empty and not Keyturn's; choose another with --data.`);
  }
  const lock = new DatabaseSync(join(folder, MARK));
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch {
    lock.close();
    throw new FolderError(`The data folder ${folder} is in use by another npm start; stop that one, or use --data.`);
  }
  if (options.fresh) {
    for (const name of names) {
      if (!name.startsWith(MARK)) rmSync(join(folder, name), { recursive: true });
    }
  }
  return { folder, release: () => lock.close() };
}
