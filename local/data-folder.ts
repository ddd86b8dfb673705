import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A folder that cannot be used, or is in use. Its message is one sentence for the user. */
export class FolderError extends Error {}

/** The file by which a folder is known as Keyturn's; it is locked while it is in use. */
const MARK = "keyturn-data.sqlite";
/** Who has it; true while the mark is locked. */
const HOLDER = "keyturn-data.pid";

/** A data folder that this process alone has. */
export interface DataFolder {
  /** Absolute. */
  path: string;
  /** Removes everything that a former run left in it. */
  empty(): void;
  /** Gives it back. With `undone` it is left as it was found, if nothing of Keyturn's was in it then. */
  release(options?: { undone: boolean }): void;
}

/**
 * Takes a data folder for this process alone, until `release` or the process's death: the system's own file lock, which
 * nothing leaves behind. Nobody else may look into it, since the keys of the embedded KMS lie there.
 *
 * @throws FolderError with one clear sentence
 */
export function takeDataFolder(path: string): DataFolder {
  const folder = resolve(path);
  const { isMade, isKeyturns } = prepare(folder);
  const lock = new DatabaseSync(join(folder, MARK));
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch {
    lock.close();
    throw new FolderError(
      `The data folder ${folder} is in use by another npm start${holderOf(folder)}; stop that one, or choose another with --data.`,
    );
  }
  writeFileSync(join(folder, HOLDER), `${process.pid}\n`);
  return {
    path: folder,
    empty() {
      for (const name of readdirSync(folder)) {
        if (!name.startsWith(MARK) && name !== HOLDER) rmSync(join(folder, name), { recursive: true });
      }
    },
    release({ undone } = { undone: false }) {
      rmSync(join(folder, HOLDER), { force: true });
      if (undone && !isKeyturns) {
        this.empty();
        rmSync(join(folder, MARK));
      }
      lock.close();
      if (undone && isMade) rmdirSync(folder);
    },
  };
}

function prepare(folder: string): { isMade: boolean; isKeyturns: boolean } {
  const parent = dirname(folder);
  if (!existsSync(parent)) {
    throw new FolderError(
      `The folder ${parent}, in which the data folder would be, does not exist; make it, or choose another with --data.`,
    );
  }
  try {
    const isMade = !existsSync(folder);
    // Not `recursive`, with which Node tries for ever where the system says "no such folder" of a folder that is there.
    if (isMade) mkdirSync(folder, { mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK);
    const isKeyturns = existsSync(join(folder, MARK));
    if (!isKeyturns && readdirSync(folder).length > 0) {
      throw new FolderError(`The folder ${folder} is not empty and not Keyturn's; choose another with --data.`);
    }
    chmodSync(folder, 0o700);
    return { isMade, isKeyturns };
  } catch (error) {
    if (error instanceof FolderError) throw error;
    throw new FolderError(
      `The data folder ${folder} cannot be used: ${(error as Error).message}; choose another with --data.`,
    );
  }
}

function holderOf(folder: string): string {
  try {
    return ` (process ${Number(readFileSync(join(folder, HOLDER), "utf8"))})`;
  } catch {
    return ""; // It has only just taken it.
  }
}
