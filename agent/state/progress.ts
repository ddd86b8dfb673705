import { type Disk, replaceFile } from "../disk.ts";
import { sentenceOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { readJson } from "./read-json.ts";

/** How the daemon goes, for `keyturn-agent status`. Times are milliseconds since 1970. */
export interface ProgressFile {
  version: 1;
  pid: number;
  startedAt: number;
  registeredAt?: number | undefined;
  ip?: string | undefined;
  sampledAt?: number | undefined;
  /** What is not going well at the moment, as a sentence. */
  trouble?: string | undefined;
}

export interface Progress {
  /** Never rejects: what is only told must not stop what is done. */
  note(change: Partial<ProgressFile>): Promise<void>;
}

export function progressFile(disk: Disk, path: string, log: Log, start: { pid: number; startedAt: number }): Progress {
  let state: ProgressFile = { version: 1, ...start };
  let written: Promise<void> = Promise.resolve();
  return {
    note(change) {
      state = { ...state, ...change };
      // One after the other: both loops of the daemon write here.
      written = written
        .then(() => replaceFile(disk, path, `${JSON.stringify(state)}\n`))
        .catch((error: unknown) => log.warn(sentenceOf(error)));
      return written;
    },
  };
}

/** @throws Failure if the file is damaged */
export function readProgress(disk: Disk, path: string): Promise<ProgressFile | undefined> {
  return readJson<ProgressFile>(disk, path, (value) =>
    typeof value.pid === "number" && typeof value.startedAt === "number" ? undefined : "its fields are malformed",
  );
}
