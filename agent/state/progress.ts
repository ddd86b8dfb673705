import { isCount, type UNKNOWN, type Verdict } from "../../protocol/index.ts";
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
  /** What the control plane had last judged of this instance when it registered, if it said so. */
  verdict?: Verdict | typeof UNKNOWN | undefined;
  sampleIntervalSeconds?: number | undefined;
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

const WRITTEN_ANEW = "It only tells how the agent goes, which writes it anew: restart the agent, and look again.";

/** @throws Failure if the file is damaged */
export function readProgress(disk: Disk, path: string): Promise<ProgressFile | undefined> {
  return readJson<ProgressFile>(disk, path, whatIsWrong, WRITTEN_ANEW);
}

function whatIsWrong(value: Record<string, unknown>): string | undefined {
  const { pid, startedAt, registeredAt, ip, verdict, sampleIntervalSeconds, sampledAt, trouble } = value;
  const sound =
    isCount(pid) &&
    isTime(startedAt) &&
    [registeredAt, sampledAt].every((one) => one === undefined || isTime(one)) &&
    (sampleIntervalSeconds === undefined || isCount(sampleIntervalSeconds)) &&
    [ip, verdict, trouble].every((one) => one === undefined || typeof one === "string");
  return sound ? undefined : "its fields are malformed";
}

/** Whether a number is a moment that can be written as a date. */
function isTime(value: unknown): boolean {
  return typeof value === "number" && !Number.isNaN(new Date(value).getTime());
}
