import { isCount, readSampleStore, SAMPLE_INTERVAL_SECONDS, type SampleStore } from "../../protocol/index.ts";
import { type Disk, replaceFile } from "../disk.ts";
import { sentenceOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { readJson } from "./read-json.ts";

/** What the last registration was answered and is to hold until the next: for a turn, too, and after a restart. */
export interface ToldFile {
  version: 1;
  sampleIntervalSeconds: number;
  /** Where samples go; missing while no answer has said so: then where the settings say. */
  store?: SampleStore | undefined;
}

const TOLD_ANEW =
  "Until the next registration, which writes it anew, the settings count: restart the agent, which registers.";

/** @throws Failure if the file is damaged */
export function readTold(disk: Disk, path: string): Promise<ToldFile | undefined> {
  return readJson<ToldFile>(
    disk,
    path,
    ({ sampleIntervalSeconds: seconds, store }) => {
      if (!isCount(seconds) || seconds > SAMPLE_INTERVAL_SECONDS.most) return "sampleIntervalSeconds is malformed";
      return store === undefined || readSampleStore(store) !== undefined ? undefined : "store is malformed";
    },
    TOLD_ANEW,
  );
}

/** The same where nothing is to stop for it: of a damaged file it is logged that it counts for nothing. */
export async function toldLast(disk: Disk, path: string, log: Log): Promise<ToldFile | undefined> {
  try {
    return await readTold(disk, path);
  } catch (error) {
    log.warn(sentenceOf(error));
    return undefined;
  }
}

/** Never rejects: what cannot be kept is told again by the next registration. */
export async function keepTold(disk: Disk, path: string, told: ToldFile, log: Log): Promise<void> {
  await replaceFile(disk, path, `${JSON.stringify(told)}\n`).catch((error: unknown) => log.warn(sentenceOf(error)));
}
