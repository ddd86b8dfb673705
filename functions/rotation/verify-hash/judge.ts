import { sameSecret, sampleHash, successor } from "../../../protocol/index.ts";
import type { SampleRead } from "../../clients/time-series.ts";
import type { InstanceRecord } from "../../record/record.ts";
import { MOST_SAMPLES } from "../samples.ts";
import type { Verdict } from "../verdicts.ts";

/** How many intervals a sample counts as fresh, and how long an instance that has just started may take to write one. */
const FRESH_INTERVALS = 3;

/** The moment and the limits of a judgement, in milliseconds. */
export interface Moment {
  now: number;
  intervalMs: number;
  /** How far an instance's clock may be ahead. */
  skewMs: number;
}

/** From when on samples are fresh. */
export function freshFrom({ now, intervalMs }: Pick<Moment, "now" | "intervalMs">): number {
  return now - FRESH_INTERVALS * intervalMs;
}

/**
 * Whether a silent instance is still waited for: it registered, started or was rekeyed a moment ago. One that starts
 * again and again without ever proving its key is not waited for without end.
 */
export function isWaitedFor(
  {
    registeredAt,
    startedAt,
    rekeyedAt = 0,
    waitingSince,
  }: Pick<InstanceRecord, "registeredAt" | "startedAt" | "rekeyedAt" | "waitingSince">,
  moment: Pick<Moment, "now" | "intervalMs">,
): boolean {
  const limit = freshFrom(moment);
  const waitedTooLong = waitingSince !== undefined && waitingSince <= limit;
  return !waitedTooLong && Math.max(registeredAt, startedAt, rekeyedAt) > limit;
}

/** An hour: should the interval be made longer, agents learn of it within a day, and write as often as before until then. */
const LONGEST_FLOOD_MS = 3600_000;

/**
 * Whether so many were written within two intervals that nothing else can be seen behind them. One instance does not write
 * as many: who does so has its credentials, and may hide by proofs of his own what it writes itself.
 */
function hidesOthers(samples: SampleRead[], { now, intervalMs }: Moment): boolean {
  const since = now - Math.min(2 * intervalMs, LONGEST_FLOOD_MS);
  // As a flood of times to come is read, one fewer is of until now.
  return samples.filter(({ timeMs }) => timeMs > since).length >= MOST_SAMPLES - 1;
}

/**
 * Judges what an instance wrote against the keys that it should hold. Pure: the same samples, record and moment give
 * the same verdict. The first row that fits decides, in the order of the function's body.
 *
 * @param samples in any order
 * @param record as it stands now; the caller has compared its generation with the one that was validated
 * @param keys in the clear, 64 hexadecimal characters: the record's current key, and the one that was agreed by its rekey
 * @returns the verdict; the time of the newest sample that proves a key; and of a mismatch the highest generation above the
 *   record's keys that samples claim
 */
export function judge(
  samples: SampleRead[],
  record: InstanceRecord,
  { currentKey, rekeyKey }: { currentKey: string; rekeyKey?: string | undefined },
  moment: Moment,
): { verdict: Verdict; lastProofAt?: number; claimed?: number } {
  const { now, intervalMs, skewMs } = moment;
  const { current, pending, rekey } = record;

  // A clock that runs ahead proves nothing, but is no attack either.
  const past = samples.filter((sample) => sample.timeMs <= now + skewMs);
  const isFresh = past.some((sample) => sample.timeMs > freshFrom(moment));
  const known = Math.max(current.generation, pending?.generation ?? 0, rekey?.generation ?? 0);
  const isShortlyAfter = (since: number, { timeMs }: SampleRead) => timeMs < since + skewMs + intervalMs;
  const judged = past.filter((sample) => {
    // Until shortly after a promotion, samples with the former key are what an honest instance wrote before it.
    if (sample.generation < current.generation) return !isShortlyAfter(current.since, sample);
    // And those of whatever generation an altered key file had claimed, until shortly after it was rekeyed.
    return sample.generation <= known || !isShortlyAfter(record.rekeyedAt ?? 0, sample);
  });

  const proves = (sample: SampleRead, key: string, generation: number) =>
    sample.generation === generation &&
    sameSecret(
      sample.hash,
      sampleHash({ key, id: record.id, ec2InstanceId: record.ec2InstanceId, generation, timeMs: sample.timeMs }),
    );
  // The pending key is not decrypted but derived again: its nonce is all that is needed beside the current key.
  const pendingKey = pending && successor(currentKey, pending.nonce);

  const currentAt: number[] = [];
  const pendingAt: number[] = [];
  const rekeyAt: number[] = [];
  const others: SampleRead[] = [];
  for (const sample of judged) {
    if (proves(sample, currentKey, current.generation)) currentAt.push(sample.timeMs);
    else if (pending && pendingKey && proves(sample, pendingKey, pending.generation)) pendingAt.push(sample.timeMs);
    else if (rekey && rekeyKey && proves(sample, rekeyKey, rekey.generation)) rekeyAt.push(sample.timeMs);
    else others.push(sample);
  }
  // Whatever it held before it was rekeyed, and wrote by that, is mended with that.
  const mendedAt = rekeyAt.length > 0 ? Math.min(...rekeyAt) : -Infinity;
  const failed = others.filter(({ timeMs }) => timeMs >= mendedAt);
  const failedAt = failed.map(({ timeMs }) => timeMs);
  const turnedAt = [...pendingAt, ...rekeyAt];

  const proofs = [...currentAt, ...turnedAt];
  const withProof = proofs.length > 0 ? { lastProofAt: Math.max(...proofs) } : {};
  const verdict = (name: Verdict) => ({ verdict: name, ...withProof });

  if (record.status === "STOPPED") return verdict("WAITING");
  if (!isFresh && isWaitedFor(record, moment)) return verdict("WAITING");
  if (isFresh && judged.length === 0) return verdict("SUPERSEDED");
  if (!isFresh) return verdict("STALE");
  // Math.max of nothing is -Infinity: without any proof, every failure is newer.
  const isNewer = failedAt.length > 0 && Math.min(...failedAt) > Math.max(...proofs);
  // Whoever may write samples may write one for the next minute: alone, it does not outvote what was proved until now.
  const isOfNow = proofs.length === 0 || Math.min(...failedAt) <= now;
  if (isNewer && isOfNow) {
    const claimed = Math.max(...failed.map((sample) => sample.generation));
    return { ...verdict("MISMATCH"), ...(claimed > known && { claimed }) };
  }
  if (failedAt.length > 0 || hidesOthers(past, moment)) return verdict("CONFLICT");
  if (turnedAt.length === 0) return verdict("MATCH");
  // The current key, used after it was turned: a clone that did not turn.
  return verdict(Math.max(...currentAt) > Math.min(...turnedAt) ? "CONFLICT" : "MATCH_PENDING");
}
