import { type InstanceRecord, isRetired, type StoredRecord } from "../record/record.ts";
import { type Finding, FLEET } from "./finding.ts";

/** What is found in any record, also in a tombstone, and in one that is in quarantine. */
const UNREADABLE = "RecordUnreadable";
/** What the watch finds anew, each time that it looks, for as long as it is so. */
const FOUND_ANEW = ["KeyTooOld", "NeverRegistered", UNREADABLE, "ScheduleSilent"];
/** What an instance's proofs say, of which the record has the latest. */
const VERDICTS = ["STALE", "MISMATCH", "CONFLICT"];
/** What whoever tells of it ends as well. */
const ENDED_BY_TELLER = ["FleetRotationStopped"];

const A_DAY_MS = 24 * 3600 * 1000;

/**
 * Whether a finding is over, by what is known now. What nobody can see the end of is over when it was not found again for
 * a day.
 *
 * @param record of the instance that it is about, where it is about one and there is one
 * @param moment.at when it is looked, in milliseconds since 1970
 * @param moment.complete whether that look has come to its end so far
 * @param moment.proofsEveryMs how often each instance and each host is looked at
 */
export function isOver(
  { subject, cause, seenAt }: Finding,
  record: StoredRecord | undefined,
  { at, complete, proofsEveryMs }: { at: number; complete: boolean; proofsEveryMs: number },
): boolean {
  if (subject === FLEET && ENDED_BY_TELLER.includes(cause)) return false;
  if (subject === "watch") return complete && seenAt < at;
  if (record !== undefined && cause !== UNREADABLE) {
    // It is gone, or somebody has decided about it.
    if (isRetired(record) || record.status === "QUARANTINED") return true;
    if (VERDICTS.includes(cause)) return isSaidNoMore(cause, seenAt, record);
    // One that somebody has altered may have no key.
    if (record.current?.since > seenAt) return true;
    // Its key was not turned yet, for the same reason or another.
    if (record.failingSince !== undefined && !FOUND_ANEW.includes(cause)) return false;
  }
  return at - seenAt > (FOUND_ANEW.includes(cause) ? 2 * proofsEveryMs : A_DAY_MS);
}

function isSaidNoMore(cause: string, seenAt: number, { verdict, judgedAt = 0, status }: InstanceRecord): boolean {
  if (cause === "STALE" && status === "STOPPED") return true;
  return verdict !== cause && judgedAt > seenAt;
}
