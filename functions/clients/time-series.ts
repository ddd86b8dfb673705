import { isHex64, type Sample } from "../../protocol/index.ts";

/** What an instance wrote at one moment. */
export interface SampleRead extends Pick<Sample, "timeMs" | "generation" | "hash"> {
  /** 0 where what was written is no whole number. */
  generation: number;
  /** 64 hexadecimal characters; empty where what was written has another form, so that it proves nothing. */
  hash: string;
}

/**
 * A sample from what was stored, which anybody may have written: what has not its form becomes a generation or a hash
 * that proves nothing.
 */
export function sampleFrom(stored: { timeMs: number; generation: unknown; hash: unknown }): SampleRead {
  const generation = Number(stored.generation);
  return {
    timeMs: stored.timeMs,
    generation: Number.isSafeInteger(generation) ? generation : 0,
    hash: isHex64(stored.hash) ? stored.hash : "",
  };
}

/** The time series of the instances' samples. */
export interface TimeSeries {
  /**
   * The newest samples of an instance, newest first.
   *
   * @param window.from the oldest moment asked for, in milliseconds since 1970, inclusive
   * @param window.limit how many at the most
   */
  read(window: { id: string; ec2InstanceId: string; from: number; limit: number }): Promise<SampleRead[]>;
}
