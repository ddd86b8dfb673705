import type { NonceMode } from "../../../protocol/index.ts";
import { sameSecret, sampleHash, successor } from "../../../protocol/index.ts";
import type { Nonces } from "../../clients/nonces.ts";
import type { SampleRead } from "../../clients/time-series.ts";

/**
 * So many successors are derived at the most, each for a call of KMS: a claim that is made up costs no more. DynamoDB restores
 * a table to a moment of the last 35 days, which are fewer turns, unless keys are turned more often than once an hour.
 */
export const MOST_DERIVED = 1000;

/** A key in the clear, and how it came about. */
interface Derived {
  key: string;
  generation: number;
  nonce: string;
}

/**
 * Derives the successors of a key again, for as long as samples claim to be of one.
 *
 * @param from whose key, of which generation, in the clear
 * @param samples in any order, of anybody who may write them
 * @returns the latest successor that a sample proves; undefined where none does
 */
export async function provedSuccessor(
  { key, id, ec2InstanceId, generation }: { key: string; id: string; ec2InstanceId: string; generation: number },
  samples: SampleRead[],
  { nonces, nonceMode }: { nonces: Nonces; nonceMode: NonceMode },
): Promise<Derived | undefined> {
  // What is claimed beyond all that is derived costs nothing, and hides nothing that is claimed beside it.
  const within = samples.filter((one) => one.generation > generation && one.generation <= generation + MOST_DERIVED);
  const last = Math.max(generation, ...within.map((one) => one.generation));
  let proved: Derived | undefined;
  let derived = key;
  for (let next = generation + 1; next <= last; next += 1) {
    const name = { id, ec2InstanceId, generation: next };
    const nonce = nonceMode === "none" ? "" : await nonces.compute(name);
    derived = successor(derived, nonce);
    const hashOf = (timeMs: number) => sampleHash({ key: derived, ...name, timeMs });
    const isProved = within.some((one) => one.generation === next && sameSecret(one.hash, hashOf(one.timeMs)));
    if (isProved) proved = { key: derived, generation: next, nonce };
  }
  return proved;
}
