import { isCount, isEc2InstanceId, isHex64, isInstanceId, type Sample } from "../../protocol/index.ts";

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

/** Who writes samples: a host, under an ID. */
export type Writer = Pick<Sample, "id" | "ec2InstanceId">;

/** @throws TypeError when an ID has not its form */
export function demandWriter({ id, ec2InstanceId }: Writer): void {
  if (!isInstanceId(id)) throw new TypeError("id must be 6 lower-case hexadecimal characters");
  if (!isEc2InstanceId(ec2InstanceId)) throw new TypeError("ec2InstanceId must be an EC2 instance ID (i-…)");
}

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

  /**
   * When each of many instances wrote the newest of its samples that bear a time of the window, to look who has fallen
   * silent. What has not the form of a sample (`sampleFrom`) does not count; whether its hash proves anything is for
   * `read` to bring to light. At least the newest `LOOKED_AT_FOR_EACH` things of an instance are looked at. What it costs
   * is kept low: a sample of the last seconds may be missing, and the answer says nothing of what was before the window.
   *
   * @param who whose, each ID once
   * @param window.from in milliseconds since 1970, inclusive, and so is `to`
   * @returns by ID, in milliseconds since 1970; who has no sample there is left out
   * @throws TypeError when an ID of `who` has not its form
   */
  newest(who: readonly Writer[], window: { from: number; to: number }): Promise<Map<string, number>>;
}
