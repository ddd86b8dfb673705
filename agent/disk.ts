import { constants } from "node:fs";
import { chmod, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Failure, sentenceOf } from "./failure.ts";
import { codeOf, wayOut } from "./way-out.ts";

/**
 * The few things that the agent does to its files, one by one, so that a test can let the instance die before, during
 * and after each of them.
 */
export interface Disk {
  /** Makes a folder that only its owner may enter, if it is not there. */
  makeFolder(path: string): Promise<void>;
  /** The text of a file, or undefined if there is none. "Could not look" is an error, never undefined. */
  read(path: string): Promise<string | undefined>;
  /**
   * Writes a whole file that only its owner may read. It is always made anew: whatever had that name, a link to
   * elsewhere too, is taken away first. It may still be lost with the power.
   */
  write(path: string, text: string): Promise<void>;
  /** Makes what was written to a file last, also through a loss of power. */
  sync(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; that it is not there is fine. */
  remove(path: string): Promise<void>;
  /** Makes renames and removals in a folder last. */
  syncFolder(path: string): Promise<void>;
}

/** Should somebody be quicker than the agent, the writing fails, rather than going where a link leads. */
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export const systemDisk: Disk = {
  makeFolder: (path) =>
    attempt("make folder", path, async () => {
      await mkdir(path, { recursive: true, mode: 0o700 });
      await chmod(path, 0o700);
    }),
  read: (path) =>
    attempt("read", path, async () => {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        if (codeOf(error) === "ENOENT") return undefined;
        throw error;
      }
    }),
  write: (path, text) =>
    attempt("write", path, async () => {
      await rm(path, { force: true });
      const file = await open(path, NEW_FILE, 0o600);
      try {
        await file.writeFile(text);
      } finally {
        await file.close();
      }
    }),
  sync: (path) => attempt("sync", path, () => syncPath(path)),
  rename: (from, to) => attempt("replace", to, () => rename(from, to)),
  remove: (path) => attempt("remove", path, () => rm(path, { force: true })),
  syncFolder: (path) => attempt("sync folder", path, () => syncPath(path)),
};

/**
 * Replaces a file as a whole: whoever reads it, and whenever the instance dies, finds either the old text or the new one.
 * When this returns, the new one lasts.
 */
export async function replaceFile(disk: Disk, path: string, text: string): Promise<void> {
  const next = nextOf(path);
  try {
    await disk.write(next, text);
    await disk.sync(next);
    await disk.rename(next, path);
  } catch (error) {
    // What could not take the place of the file must not lie about beside it; a start cleans up what stays even so.
    await disk.remove(next).catch(() => undefined);
    throw error;
  }
  await disk.syncFolder(dirname(path));
}

/**
 * Removes what a death in the middle of `replaceFile` left beside these files: it may hold a key. To be called under the
 * lock, where nobody else is in the middle of it.
 */
export async function removeLeftovers(disk: Disk, paths: string[]): Promise<void> {
  for (const path of paths) {
    if (!(await hasLeftover(disk, path))) continue;
    await disk.remove(nextOf(path));
    await disk.syncFolder(dirname(path));
  }
}

/** Whether something lies beside a file that is to take its place: left by a death, or just being written. */
export async function hasLeftover(disk: Disk, path: string): Promise<boolean> {
  return (await disk.read(nextOf(path))) !== undefined;
}

/** Removes a file, and what a death in the middle of `replaceFile` left beside it, for good. */
export async function eraseFile(disk: Disk, path: string): Promise<void> {
  await disk.remove(nextOf(path));
  await disk.remove(path);
  await disk.syncFolder(dirname(path));
}

/** Always the same name, so that a leftover is overwritten by the next attempt and never piles up. */
function nextOf(path: string): string {
  return `${path}.next`;
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function attempt<T>(what: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const advice = wayOut(codeOf(error));
    throw new Failure(`Cannot ${what} ${path}: ${sentenceOf(error)}.${advice === undefined ? "" : ` ${advice}`}`);
  }
}
