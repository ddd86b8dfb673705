import { isAgentTooOld, isEc2InstanceId } from "../../protocol/index.ts";
import type { CredentialRecord } from "../credential/record.ts";
import { type InstanceRecord, isRetired, type StoredRecord } from "../record/record.ts";
import { SOUND } from "../rotation/verdicts.ts";
import { type Finding, FLEET } from "./finding.ts";

/** What is found in any record, also in a tombstone, and in one that is in quarantine; and in the item of a host. */
const UNREADABLE = "RecordUnreadable";
/** What is found of a host itself whenever it has its turn, for as long as it is so. */
const OF_HOSTS = ["NeverRegistered", UNREADABLE];
/** What is so until the key is turned, however long nobody looks. */
const UNTIL_TURNED = "KeyTooOld";
/** What is so until the agent has registered that is new enough, however long nobody looks and however often its key is turned. */
const AGENT_TOO_OLD = "AgentTooOld";
/** What goes with the key of which it was said being read again. */
const KEY_UNREADABLE = "KeyUnreadable";
/** What is told of a host that was refused the key of a rekey, and is over when it proves that of another. */
const OF_REKEYS = ["REKEY_TAKEN", "NO_REKEY"];
/** What has mended itself, in one write after it was told, and is to be read of. */
const MENDED = "BroughtForward";
/** Verdicts that stand until a sound one, or each other, is said. */
const ALARMING = ["MISMATCH", "CONFLICT"];
/** What only the host itself can mend: while it is switched off, nobody is reminded of it. */
const NEEDS_THE_HOST = [
  ...["STALE", UNTIL_TURNED, AGENT_TOO_OLD, "InstanceUnreachable"],
  ...["PushFailed", "PushUndelivered", "PushUnanswered", "PushRefused"],
];
/** What whoever tells of it ends as well. */
const ENDED_BY_TELLER = ["FleetRotationStopped", "ScheduleSilent"];
/** What whoever looks at an exposed key again ends: that nobody has looked says nothing of whether it is shut. */
const UNTIL_CONFIRMED = "ExposedKeyNotShut";
/** What is told of a credential and seen by each look at it, which ends it as well. */
const ENDED_BY_LOOK = [
  ...["CredentialMismatch", "AuthorityUnreachable", "ConsumerUnseen", "TokenLifetimeDiffers"],
  ...["SecretDeleted", "RotationSwitchedOff", "SecretOpened", "MovedByOthers"],
];
/** Who uses the user that is to be turned, or to be retired. */
const BEHIND = "ConsumersBehind";
/** What of a credential no later state of it says the end of, but that it was turned. */
const UNTIL_ANOTHER_TURN = ["RequestRefused", "ExecutionCutOff"];

const A_DAY_MS = 24 * 3600 * 1000;

/**
 * Whether a finding is over, by what is known now. What nobody can see the end of is over when it was not found again for
 * a day. Whatever is over because it was not found again is so by a look that came to its end, and by no other: after hours
 * in which nobody looked, such a look has found it anew before this is asked.
 *
 * @param record of the instance that it is about, or of the host, where it is about one and there is one
 * @param moment.at when that look began, in milliseconds since 1970
 * @param moment.complete whether it has come to its end so far
 * @param moment.hadTurn where it is about a host: whether that host was looked at
 * @param moment.proofsEveryMs how often the proofs of each instance are judged
 * @param moment.credential what is remembered of the credential of the settings that it is about, where it is about one
 */
export function isOver(
  { subject, cause, seenAt }: Finding,
  record: StoredRecord | undefined,
  {
    at,
    complete,
    hadTurn,
    proofsEveryMs,
    credential,
  }: {
    at: number;
    complete: boolean;
    hadTurn: boolean;
    proofsEveryMs: number;
    credential?: Pick<CredentialRecord, "current" | "predecessor" | "failing"> | undefined;
  },
): boolean {
  if (subject === FLEET && ENDED_BY_TELLER.includes(cause)) return false;
  if (cause === UNTIL_CONFIRMED) return false;
  if (credential !== undefined) return isOverOfCredential({ cause, seenAt }, credential, { at, complete });
  if (subject === "watch") return complete && seenAt < at;
  if (isEc2InstanceId(subject) && OF_HOSTS.includes(cause)) return complete && hadTurn && seenAt < at;
  if (OF_REKEYS.includes(cause) && isRekeyedSince(seenAt, record)) return complete;
  if (record !== undefined && cause !== UNREADABLE && !isEc2InstanceId(subject)) {
    // It is gone, or somebody has decided about it.
    if (isRetired(record) || record.status === "QUARANTINED") return true;
    if (record.status === "STOPPED" && NEEDS_THE_HOST.includes(cause)) return true;
    if (cause === "STALE" || ALARMING.includes(cause)) return isSaidNoMore(cause, seenAt, record);
    if (cause === AGENT_TOO_OLD) return !isAgentTooOld(record.agentVersion);
    if (cause === MENDED) return complete && at - seenAt > A_DAY_MS;
    // One that somebody has altered may have no key.
    if (record.current?.since > seenAt) return true;
    if (cause === KEY_UNREADABLE && isSoundSince(seenAt, record)) return true;
    // Its key was not turned yet, for the same reason or another.
    if (cause === UNTIL_TURNED || record.failingSince !== undefined) return false;
  }
  return complete && at - seenAt > (cause === UNREADABLE ? 2 * proofsEveryMs : A_DAY_MS);
}

/** Whether it was rekeyed later, and proves that key alone: were it somebody else's, what the instance writes would not fit. */
function isRekeyedSince(seenAt: number, record: StoredRecord | undefined): boolean {
  if (record === undefined || isRetired(record)) return false;
  const { rekeyedAt = 0 } = record;
  return rekeyedAt > seenAt && isSoundSince(rekeyedAt, record);
}

/** Silence ends with whatever is said of what it writes; what is wrong with that does not end with silence. */
function isSaidNoMore(cause: string, seenAt: number, record: InstanceRecord): boolean {
  const { verdict = "", judgedAt = 0 } = record;
  if (verdict === cause || judgedAt <= seenAt) return false;
  return cause === "STALE" || [...SOUND, ...ALARMING].includes(verdict);
}

function isSoundSince(seenAt: number, { verdict = "", judgedAt = 0 }: InstanceRecord): boolean {
  return SOUND.includes(verdict) && judgedAt > seenAt;
}

/** A failure is over with the next turn; one that came after it, when its predecessor is retired. */
function isOverOfCredential(
  { cause, seenAt }: Pick<Finding, "cause" | "seenAt">,
  { current, predecessor, failing }: Pick<CredentialRecord, "current" | "predecessor" | "failing">,
  { at, complete }: { at: number; complete: boolean },
): boolean {
  if (ENDED_BY_LOOK.includes(cause)) return false;
  if (current !== undefined && current.since > seenAt) return true;
  if (UNTIL_ANOTHER_TURN.includes(cause)) return complete && at - seenAt > A_DAY_MS;
  // Where nobody was to be retired, somebody used the other user: that is over with the next turn.
  if (cause === BEHIND) return predecessor === undefined && failing?.what !== "BEHIND";
  // What a look has come upon, it comes upon anew for as long as it is so.
  return complete && seenAt < at && predecessor === undefined && failing === undefined;
}
