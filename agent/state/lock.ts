import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../clock.ts";
import { Failure, sentenceOf } from "../failure.ts";
import { codeOf, wayOut } from "../way-out.ts";
import type { Places } from "./places.ts";

/** Only one at a time, among all processes, works on the key file. */
export interface Lock {
  /** @throws Failure when the lock cannot be had in time; else whatever `work` throws */
  hold<T>(work: () => Promise<T>): Promise<T>;
}

// SQLite's own numbers.
const BUSY = 5;
const CORRUPT = 11;
const FULL = 13;
const NO_DATABASE = 26;

const LOOK_AGAIN_MS = 25;
/** For a former daemon that is just ending. */
const DAEMON_WAIT_MS = 2_000;

/**
 * A lock that the kernel lets go when the process dies, however it dies: an exclusive transaction on an empty SQLite
 * database, which takes a POSIX lock on the file. (Node itself has no call for file locks.)
 *
 * @param waitMs how long to wait for another one to finish
 * @param signal ends the waiting
 */
export function fileLock(path: string, waitMs: number, clock: Clock, signal?: AbortSignal): Lock {
  const busy =
    `${path} has been held by another keyturn-agent for ${waitMs / 1000} s, probably by a turn whose hooks are still ` +
    "running. Nothing was changed. Try again when it has ended.";
  return lockOn(path, { waitMs, busy }, clock, signal);
}

/** The lock that makes a daemon the only one on its state folder, held for as long as it lives. */
export function daemonLock(places: Pick<Places, "folder" | "daemonLock">, clock: Clock, signal?: AbortSignal): Lock {
  const busy =
    `Another keyturn-agent run works on ${places.folder} (it holds ${places.daemonLock}), and two would undo each ` +
    "other's work. Let that one go on, or end it first (systemctl stop keyturn-agent).";
  return lockOn(places.daemonLock, { waitMs: DAEMON_WAIT_MS, busy }, clock, signal);
}

function lockOn(path: string, limit: { waitMs: number; busy: string }, clock: Clock, signal?: AbortSignal): Lock {
  return {
    async hold(work) {
      // Loaded when needed only: not every command takes a lock.
      const { DatabaseSync } = await import("node:sqlite");
      // No waiting inside SQLite: that would stop this whole process, and whoever holds the lock may be in it.
      const database = lockable(path, () => new DatabaseSync(path, { timeout: 0 }));
      try {
        // What cannot be written SQLite opens all the same, and locks for nobody.
        lockable(path, () => accessSync(path, constants.W_OK));
        const deadline = clock.monotonic() + limit.waitMs;
        while (!lockable(path, () => taken(() => database.exec(TAKE)))) {
          if (clock.monotonic() >= deadline) throw new Failure(limit.busy);
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

/** The journal stays in memory: as a file it could not be begun on a full disk, where a receipt can still be given. */
const TAKE = "PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE";

/** Whether `take` got the lock; false if another one holds it. */
function taken(take: () => void): boolean {
  try {
    take();
    return true;
  } catch (error) {
    if (numberOf(error) === BUSY) return false;
    throw error;
  }
}

function lockable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Failure(lockTrouble(path, error));
  }
}

/** The sentence for what SQLite or the file system says of a lock file. */
export function lockTrouble(path: string, error: unknown): string {
  switch (numberOf(error)) {
    case NO_DATABASE:
    case CORRUPT:
      return (
        `${path} holds something that the agent did not write (${sentenceOf(error)}). The file is there to be locked ` +
        "only, and nothing in it is needed: remove it, and start the agent again."
      );
    case FULL:
      return `Cannot lock ${path}: ${sentenceOf(error)}. ${wayOut("ENOSPC")}`;
    default: {
      const cause = refusalOf(path) ?? error;
      return `Cannot lock ${path}: ${sentenceOf(cause)}. ${wayOut(codeOf(cause)) ?? wayOut("EACCES")}`;
    }
  }
}

/** Why the system lets nobody write there: SQLite says only that it cannot open it. */
function refusalOf(path: string): unknown {
  try {
    accessSync(dirname(path), constants.W_OK);
    if (existsSync(path)) accessSync(path, constants.W_OK);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** SQLite's number of an error, without its finer distinctions. */
function numberOf(error: unknown): number | undefined {
  const number = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof number === "number" ? number & 0xff : undefined;
}
