import { SAMPLE_INTERVAL_SECONDS } from "../../protocol/index.ts";
import type { Instance } from "../reads/instances.ts";
import type { Deployment } from "./deployment.ts";

/** What an instance wrote last. Times are milliseconds since 1970, by the instance's own clock. */
export interface Proof {
  id: string;
  /** Newest first. */
  times: number[];
}
export type Proofs = readonly Proof[];

/** Of so many instances the samples are read: one that writes shows that the series can be reached. */
const ASKED = 10;
const EACH = 5;
const DAY_MS = 86_400_000;
/** By how much an instance's clock may be ahead, unless the settings say otherwise. */
export const SKEW_MS = 60_000;

/** Reads what those instances wrote last that proved their keys last, times to come included. */
export async function readProofs(
  instances: readonly Instance[],
  { samples }: Pick<Deployment, "samples">,
  now: number,
): Promise<Proofs> {
  const asked = instances
    .filter(({ status }) => status === "ACTIVE")
    .toSorted((one, other) => (other.lastProofAt ?? 0) - (one.lastProofAt ?? 0))
    .slice(0, ASKED);
  return Promise.all(
    asked.map(async ({ id, ec2InstanceId }) => {
      const found = await samples({ id, ec2InstanceId, from: now - DAY_MS, to: now + DAY_MS, limit: EACH });
      return { id, times: found.map(({ timeMs }) => timeMs) };
    }),
  );
}

/**
 * Whether an instance has written lately: within three of its intervals. How long one is set is not known here; it is read off
 * the samples, and is at least what it is where nothing is set.
 */
export function isFresh({ times }: Proof, now: number): boolean {
  const past = times.filter((time) => time <= now + SKEW_MS);
  const gaps = past.slice(1).map((time, index) => (past[index] ?? time) - time);
  const interval = Math.max(SAMPLE_INTERVAL_SECONDS.default * 1000, ...gaps);
  return past[0] !== undefined && now - past[0] < 3 * interval;
}
