import { SAMPLE_SECONDS, type Sample, sampleHash } from "../../protocol/index.ts";
import type { Clock } from "../clock.ts";
import type { Disk } from "../disk.ts";
import type { SeriesWriter } from "../series/writer.ts";
import { readKeyFile } from "../state/key-file.ts";
import { within } from "../within.ts";

export interface SampleParts {
  disk: Disk;
  keyPath: string;
  series: SeriesWriter;
  clock: Clock;
}

/** What was proved: everything of the sample but its hash. */
export type Proved = Omit<Sample, "hash">;

/**
 * Proves once that this instance holds its key.
 *
 * @returns undefined if it has no key yet
 * @throws whatever the series says, or a Failure after SAMPLE_SECONDS or when `signal` aborts
 */
export async function writeSample(parts: SampleParts, signal?: AbortSignal): Promise<Proved | undefined> {
  // The time first, then the key anew: so a sample with the former key is never the later one.
  const timeMs = parts.clock.now();
  const file = await readKeyFile(parts.disk, parts.keyPath);
  if (file === undefined) return undefined;
  const { id, ec2InstanceId, generation, key } = file;
  const hash = sampleHash({ key, id, ec2InstanceId, generation, timeMs });
  await within(SAMPLE_SECONDS, signal, (limit) =>
    parts.series.write({ id, ec2InstanceId, generation, timeMs, hash }, limit),
  );
  return { id, ec2InstanceId, generation, timeMs };
}
