import type { Clock } from "../clock.ts";
import { Failure, sentenceOf } from "../failure.ts";

/** Only one at a time, among all processes, works on the key file. */
export interface Lock {
  /** @throws Failure when the lock cannot be had in time; else whatever `work` throws */
  hold<T>(work: () => Promise<T>): Promise<T>;
}

const SQLITE_BUSY = 5;
const LOOK_AGAIN_MS = 25;

/**
 * A lock that the kernel lets go when the process dies, however it dies: an exclusive transaction on an empty SQLite
 * database, which takes a POSIX lock on the file. (Node itself has no call for file locks.)
 *
 * @param waitMs how long to wait for another one to finish
 * @param signal ends the waiting
 */
export function fileLock(path: string, waitMs: number, clock: Clock, signal?: AbortSignal): Lock {
  return {
    async hold(work) {
      // Loaded when needed only: the daemon takes the lock once in its life.
      const { DatabaseSync } = await import("node:sqlite");
      // No waiting inside SQLite: that would stop this whole process, and whoever holds the lock may be in it.
      const database = opened(path, () => new DatabaseSync(path, { timeout: 0 }));
      try {
        const deadline = clock.monotonic() + waitMs;
        while (!taken(() => database.exec("BEGIN EXCLUSIVE"))) {
          if (clock.monotonic() >= deadline) {
            throw new Failure(
              `${path} has been held by another keyturn-agent for ${waitMs / 1000} s, probably by a turn whose hooks ` +
                "are still running. Nothing was changed. Try again when it has ended.",
            );
          }
          await clock.sleep(LOOK_AGAIN_MS, signal);
          if (signal?.aborted) throw new Failure(`Stopped while waiting for ${path}. Nothing was changed.`);
        }
        return await work();
      } finally {
        database.close();
      }
    },
  };
}

function opened<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw new Failure(`Cannot open ${path}: ${sentenceOf(error)}. The agent must run as the user who owns the folder.`);
  }
}

/** Whether `begin` got the lock; false if another one holds it. */
function taken(begin: () => void): boolean {
  try {
    begin();
    return true;
  } catch (error) {
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
