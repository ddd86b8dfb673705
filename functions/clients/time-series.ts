import { isCount, isHex64, type Sample } from "../../protocol/index.ts";

/** What an instance wrote at one moment. */
export type SampleRead = Pick<Sample, "timeMs" | "generation" | "hash">;

/**
 * A sample from what was stored, which anybody may have written: undefined where anything has not its form. Such a thing
 * proves nothing and speaks for nobody, so that it must not take a sample's place either.
 */
export function sampleFrom(stored: { timeMs: unknown; generation: unknown; hash: unknown }): SampleRead | undefined {
  const { timeMs, generation, hash } = stored;
  if (typeof timeMs !== "number" || !Number.isSafeInteger(timeMs) || timeMs < 0) return undefined;
  if (!isCount(generation) || !isHex64(hash)) return undefined;
  return { timeMs, generation, hash };
}

/** How many stored things are looked at for each sample that is asked for: a flood of others must come to an end. */
export const LOOKED_AT_FOR_EACH = 10;

/** The time series of the instances' samples. */
export interface TimeSeries {
  /**
   * The newest samples of an instance in a window, newest first. What is no sample is passed over before it counts.
   *
   * @param window.from the oldest moment asked for, in milliseconds since 1970, inclusive
   * @param window.to the latest one, inclusive: what bears a later time says nothing yet
   * @param window.limit how many at the most
   */
  read(window: { id: string; ec2InstanceId: string; from: number; to: number; limit: number }): Promise<SampleRead[]>;

  /**
   * Whether anything at all lies there that a host wrote under an ID and that bears a time from that moment on: what is no
   * sample counts as well, and what is expired, or of a time to come.
   *
   * @param written.from in milliseconds since 1970, inclusive
   */
  hasAny(written: { id: string; ec2InstanceId: string; from: number }): Promise<boolean>;
}
