import type { Registry } from "../clients/registry.ts";
import type { TimeSeries } from "../clients/time-series.ts";
import type { Vault } from "../clients/vault.ts";
import type { Tellers } from "../findings/alter.ts";
import { LONGEST_ROTATION_MS } from "../record/due.ts";
import type { InstanceRecord } from "../record/record.ts";
import { readTimeSeries } from "../rotation/read-time-series/step.ts";
import { SOUND, type Verdict } from "../rotation/verdicts.ts";
import { judge } from "../rotation/verify-hash/judge.ts";
import { openKeys } from "../rotation/verify-hash/open-keys.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../shared/errors.ts";
import type { Journal } from "../shared/journal.ts";
import { tell } from "./of-record.ts";
import { standsAsRead } from "./stands-as-read.ts";

/** Whom it takes to judge an instance. */
export interface Judges extends Tellers {
  registry: Registry;
  timeSeries: TimeSeries;
  vault: Vault;
  intervalMs: number;
  skewMs: number;
  journal: Journal;
}

/**
 * Judges what an instance wrote by its key, and writes down what comes of it. People are told of what is wrong.
 *
 * @param execution ARN of the one that judges
 * @param follow what is done, in place of telling people, where what it writes claims a generation that its record does not
 *   know; it is given the moment, in milliseconds since 1970
 * @returns the verdict; UNREADABLE where its key cannot be read
 */
export async function judgeProofs(
  record: InstanceRecord,
  execution: string,
  judges: Judges,
  follow: (at: number) => Promise<void>,
): Promise<Verdict | "UNREADABLE"> {
  const { registry, vault, now, intervalMs, skewMs, journal } = judges;
  const { id, ec2InstanceId, current } = record;
  const name = { id, ec2InstanceId, generation: current.generation };
  const { samples } = await readTimeSeries(name, judges);
  const keys = await openKeys(record, vault).catch(async (error: unknown) => {
    if (!(error instanceof StepError) || error.name === TEMPORARILY_UNAVAILABLE) throw error;
    // It cannot be judged: people are told, and the others are gone on with.
    await tell(error.name, record, execution, judges, error.message);
    return undefined;
  });
  if (keys === undefined) return "UNREADABLE";
  const at = now();
  const { verdict, lastProofAt, claimed } = judge(samples, record, keys, { now: at, intervalMs, skewMs });
  // Its key was turned a moment ago, and its first proof is still to come; or it has just fallen silent.
  if (verdict === "SUPERSEDED" || verdict === "WAITING" || verdict === "STALE") return verdict;
  if (!SOUND.includes(verdict)) {
    // The record was read before the samples were.
    if (!(await standsAsRead(record, registry))) return "SUPERSEDED";
    // Once, and not with each look for as long as it stands.
    if (verdict !== record.verdict) journal.count("Verdict", { verdict });
    const known = { ...record, ...(lastProofAt !== undefined && { lastProofAt }) };
    // Of what a rekey is to mend people know; should that fail, they are told so.
    const isMended = verdict === "MISMATCH" && record.rekey !== undefined;
    if (claimed !== undefined && !isMended) await follow(at);
    else if (!isMended) await tell(verdict, known, execution, judges);
  }
  // By then each execution that may have waited for its receipt is over.
  const isSettled = at - current.since > LONGEST_ROTATION_MS;
  await registry.noteJudged(id, { generation: current.generation, verdict, at, lastProofAt, isSettled });
  return verdict;
}
