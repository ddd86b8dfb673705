import { expect, test } from "vitest";
import type { CredentialRecord } from "../../../functions/credential/record.ts";
import { type Finding, FLEET } from "../../../functions/findings/finding.ts";
import { isOver } from "../../../functions/findings/over.ts";
import type { InstanceRecord, StoredRecord } from "../../../functions/record/record.ts";
import { OLDEST_AGENT } from "../../../protocol/index.ts";
import { EC2, EXECUTION, hex64Of, ID, NOW, PROOFS_EVERY_MS } from "../support.ts";

type Credential = NonNullable<Parameters<typeof isOver>[2]["credential"]>;

const A_DAY_MS = 24 * 3600_000;
/** When each was found last. */
const SEEN = NOW;
const LATER = SEEN + 1;

const record: InstanceRecord = {
  ...{ id: ID, ec2InstanceId: EC2, ip: "10.0.0.4", status: "ACTIVE" },
  current: { generation: 1, nonce: "", ciphertext: "", since: SEEN - A_DAY_MS },
  ...{ agentPublic: hex64Of("agent"), serverPublic: hex64Of("server") },
  ...{ registeredAt: 0, startedAt: 0, dueAt: 0 },
};
const retired: StoredRecord = { id: ID, ec2InstanceId: EC2, status: "RETIRED", retiredAt: SEEN };
const turned = { ...record, current: { ...record.current, since: LATER } };
const failing = { ...record, failingSince: SEEN - 1 };
const says = (verdict: string, judgedAt: number, changes: Partial<InstanceRecord> = {}) =>
  ({ ...record, verdict, judgedAt, ...changes }) as StoredRecord;

/** A credential of the settings, turned a day before, and its predecessor retired. */
const credential: Credential = { current: { versionId: "2", user: "b", since: SEEN - A_DAY_MS, execution: "x" } };
const awaiting: Credential = { ...credential, predecessor: { versionId: "1", user: "a", announced: [] } };
const failed = (what: string): Pick<CredentialRecord, "failing"> => ({
  failing: { since: SEEN - 1, nextTryAt: SEEN, what, execution: "x" },
});
const turnedSince: Credential = { current: { versionId: "3", user: "a", since: LATER, execution: "x" } };
const BY_LOOK = [
  ...["CredentialMismatch", "AuthorityUnreachable", "ConsumerUnseen", "TokenLifetimeDiffers"],
  ...["SecretDeleted", "RotationSwitchedOff", "SecretOpened", "MovedByOthers"],
];

const ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE";
/** What is told of an exposed key, and is over a day after it was found last. */
const OF_KEYS = [
  ...[
    "AccessKeyExposed",
    "RootKeyExposed",
    "ExposedKeyOfOthers",
    "TemporaryKeyExposed",
    "MoreUseFound",
    "ExposureUnread",
  ],
];

interface Case {
  cause: string;
  /** What is remembered of the credential that it is about. */
  credential?: Credential;
  /** The instance where it is left out. */
  subject?: string;
  record?: StoredRecord;
  /** How long ago it was found last; a moment where it is left out. */
  after?: number;
  /** The look came to its end, where it is left out. */
  complete?: boolean;
  /** It was the host's turn, where it is left out. */
  hadTurn?: boolean;
}

const OVER: Record<string, Case> = {
  "whatever it was, once the instance is retired": { cause: "PushFailed", record: retired },
  "silence, once the instance is retired": { cause: "STALE", record: retired },
  "whatever it was, once it is in quarantine": {
    cause: "MISMATCH",
    record: says("MISMATCH", 0, { status: "QUARANTINED" }),
  },
  "silence, once it is stopped": { cause: "STALE", record: says("STALE", SEEN, { status: "STOPPED" }) },
  "a verdict, once a later one is another": { cause: "MISMATCH", record: says("MATCH", LATER) },
  "a verdict, once a later one proves the pending key": { cause: "CONFLICT", record: says("MATCH_PENDING", LATER) },
  "a verdict, once a later one is as bad": { cause: "MISMATCH", record: says("CONFLICT", LATER) },
  "silence, once it proves its key again": { cause: "STALE", record: says("MATCH", LATER) },
  "silence, once it writes what does not fit": { cause: "STALE", record: says("MISMATCH", LATER) },
  "a failure, once the key was turned later": { cause: "PushFailed", record: turned },
  "a failure, once the key was turned, though another has come since": {
    cause: "PushFailed",
    record: { ...turned, failingSince: LATER },
  },
  "an old key, once it was turned later": { cause: "KeyTooOld", record: turned },
  "an old agent, once a later one has registered": {
    ...{ cause: "AgentTooOld", record: { ...record, agentVersion: OLDEST_AGENT } },
  },
  "an unreadable key, once its proofs were judged by it": { cause: "KeyUnreadable", record: says("MATCH", LATER) },
  "a record that is mended": { cause: "RecordUnreadable", record, after: 2 * PROOFS_EVERY_MS + 1 },
  "a host that was not found anew when it had its turn": { cause: "NeverRegistered", subject: EC2, after: 1 },
  "a host's item that is mended": { cause: "RecordUnreadable", subject: EC2, after: 1 },
  "what befell an instance that fails no more, a day after": { cause: "UnknownId", record, after: A_DAY_MS + 1 },
  "what befell one that nobody has, a day after": { cause: "UnknownId", after: A_DAY_MS + 1 },
  "silence of one whose record has gone, a day after": { cause: "STALE", after: A_DAY_MS + 1 },
  "a refused host, a day after": { cause: "OWNER_MISMATCH", subject: EC2, after: A_DAY_MS + 1 },
  "a flow that was cut off, a day after": { cause: "ExecutionCutOff", subject: "fleet-rotation", after: A_DAY_MS + 1 },
  "the watch's own failure, once a later look came to its end": {
    cause: "ExecutionCutOff",
    subject: "watch",
    after: 1,
  },
  "a failure of a credential, once it was turned later": { cause: "OwnerLost", credential: turnedSince, after: 1 },
  "a failure of a credential, once it was turned later, though its predecessor stands and another has come": {
    ...{ cause: "OwnerLost", credential: { ...awaiting, ...turnedSince, ...failed("MISMATCH") }, after: 1 },
  },
  "a failure after a turn, once the predecessor is retired": { cause: "AuthorityUnwilling", credential, after: 1 },
  "a key that was refused, once a token was fetched by it": {
    ...{ cause: "KeyRefused", credential: { ...awaiting, ...turnedSince }, after: 1 },
  },
  "a former token that was accepted still, once it is revoked or has ended": {
    ...{ cause: "StillAccepted", credential, after: 1 },
  },
  "consumers behind, once the predecessor is retired": { cause: "ConsumersBehind", credential, after: 1 },
  "consumers behind, once he is retired, though another rotation has failed": {
    ...{ cause: "ConsumersBehind", credential: { ...credential, ...failed("MISMATCH") }, after: 1 },
  },
  "consumers behind before a turn, once it has taken place": {
    ...{ cause: "ConsumersBehind", credential: { ...awaiting, ...turnedSince }, after: 1 },
  },
  "what a look has come upon, and a later one has not": { cause: "ManagerRefused", credential, after: 1 },
  "a record that is behind, once it was rekeyed": { cause: "RecordBehind", record: turned, after: 1 },
  "a record that was brought forward, a day after, though its key cannot be turned": {
    ...{ cause: "BroughtForward", record: failing, after: A_DAY_MS + 1 },
  },
  "a rekey that somebody else has answered, a day after": {
    ...{ cause: "REKEY_TAKEN", subject: EC2, after: A_DAY_MS + 1 },
  },
  "a rekey that somebody else has answered, once the instance was rekeyed after that and proves it": {
    ...{ cause: "REKEY_TAKEN", subject: EC2, record: says("MATCH", LATER + 1, { rekeyedAt: LATER }) },
  },
  "a mismatch, by the look that judges the key of a rekey": {
    ...{ cause: "MISMATCH", record: says("MATCH", LATER, { rekeyedAt: LATER, current: turned.current }), after: 1 },
  },
  "a refused request, a day after": { cause: "RequestRefused", credential, after: A_DAY_MS + 1 },
  "a refused request, once it was turned": { cause: "RequestRefused", credential: turnedSince, after: 1 },
  ...Object.fromEntries(
    OF_KEYS.map((cause) => [`${cause}, a day after`, { cause, subject: ACCESS_KEY, after: A_DAY_MS + 1 }]),
  ),
  "whatever it was, a day after the settings know no such credential any more": {
    ...{ cause: "CredentialMismatch", subject: "orders/db", after: A_DAY_MS + 1 },
  },
};

const NOT_OVER: Record<string, Case> = {
  "a rekey that somebody else has answered, because of one before that, or of a turn": {
    ...{ cause: "REKEY_TAKEN", subject: EC2, record: says("MATCH", LATER, { ...turned, rekeyedAt: SEEN }) },
  },
  "a rekey that somebody else has answered, because of a later one that may be his as well": {
    ...{ cause: "REKEY_TAKEN", subject: EC2, record: says("CONFLICT", LATER + 1, { rekeyedAt: LATER }) },
  },
  "what else a host was refused, because its instance was rekeyed": {
    ...{ cause: "NOT_OWNER", subject: EC2, record: says("MATCH", LATER + 1, { rekeyedAt: LATER }) },
  },
  "a verdict that is still the last one": { cause: "MISMATCH", record: says("MISMATCH", LATER), after: 9 * A_DAY_MS },
  "silence that is still said": { cause: "STALE", record: says("STALE", SEEN - 1), after: 9 * A_DAY_MS },
  "a verdict, because of one that was judged before": { cause: "MISMATCH", record: says("MATCH", SEEN) },
  ...Object.fromEntries(
    ["MISMATCH", "CONFLICT"].flatMap((cause) =>
      ["STALE", "WAITING"].map((verdict) => [
        `${cause}, because a later one is ${verdict}`,
        { cause, record: says(verdict, LATER), after: 9 * A_DAY_MS },
      ]),
    ),
  ),
  "an unreadable key, because its instance has fallen silent": {
    ...{ cause: "KeyUnreadable", record: says("STALE", LATER, { failingSince: SEEN }), after: 9 * A_DAY_MS },
  },
  "an unreadable key, because of what was judged before": {
    ...{ cause: "KeyUnreadable", record: says("MATCH", SEEN) },
  },
  "a verdict, because nothing was ever judged": { cause: "CONFLICT", record },
  "another verdict than silence, because it is stopped": {
    cause: "MISMATCH",
    record: says("MISMATCH", SEEN, { status: "STOPPED" }),
    after: 9 * A_DAY_MS,
  },
  "a verdict, because the key was turned": { cause: "CONFLICT", record: { ...turned, verdict: "CONFLICT" } },
  "a failure, while the key could not be turned": { cause: "PushFailed", record: failing, after: 9 * A_DAY_MS },
  "a failure, because the key was turned before": { cause: "PushFailed", record, after: 1 },
  "a tombstone that cannot be read: it is found in it anew": { cause: "RecordUnreadable", record: retired },
  "a record in quarantine that cannot be read": {
    cause: "RecordUnreadable",
    record: { ...record, status: "QUARANTINED" },
  },
  "an old key that was not turned, however long nobody has looked": {
    ...{ cause: "KeyTooOld", record, after: 9 * A_DAY_MS },
  },
  "an old agent, though its key was turned": { cause: "AgentTooOld", record: turned, after: 9 * A_DAY_MS },
  "an old agent, though another has registered that is too old": {
    ...{ cause: "AgentTooOld", record: { ...record, agentVersion: "0.1.9" }, after: 9 * A_DAY_MS },
  },
  "a host, by the look that found it": { cause: "NeverRegistered", subject: EC2, after: 0 },
  "a host that had no turn, however long nobody has looked": {
    ...{ cause: "NeverRegistered", subject: EC2, after: 9 * A_DAY_MS, hadTurn: false },
  },
  "a host's item that had no turn": {
    ...{ cause: "RecordUnreadable", subject: EC2, after: 9 * A_DAY_MS, hadTurn: false },
  },
  "a schedule that does not fire: who looks at it ends it": {
    ...{ cause: "ScheduleSilent", subject: FLEET, after: 9 * A_DAY_MS },
  },
  "another failure than one that the host has to mend, because it is stopped": {
    ...{ cause: "ReceiptInvalid", record: { ...failing, status: "STOPPED" as const }, after: 9 * A_DAY_MS },
  },
  "what nobody can see the end of, within a day": { cause: "UnknownId", after: A_DAY_MS },
  "a run that was stopped: the next run ends it": {
    cause: "FleetRotationStopped",
    subject: FLEET,
    after: 9 * A_DAY_MS,
  },
  "the watch's own failure, where no look came to its end": {
    ...{ cause: "ExecutionCutOff", subject: "watch", after: 9 * A_DAY_MS, complete: false },
  },
  "the watch's own failure, by the look in which it came": { cause: "ExecutionCutOff", subject: "watch", after: 0 },
  ...Object.fromEntries(
    BY_LOOK.map((cause) => [`${cause}: the look ends it`, { cause, credential: turnedSince, after: 9 * A_DAY_MS }]),
  ),
  "a failure before a turn that is still to come": {
    ...{ cause: "OwnerLost", credential: { ...credential, ...failed("OwnerLost") }, after: 9 * A_DAY_MS },
  },
  "a failure after a turn whose predecessor stands": {
    ...{ cause: "AuthorityUnwilling", credential: awaiting, after: 9 * A_DAY_MS },
  },
  "a former token that is accepted still, while it stands": {
    ...{ cause: "StillAccepted", credential: awaiting, after: 9 * A_DAY_MS },
  },
  "a key that is refused, before a turn that is still to come": {
    ...{ cause: "KeyRefused", credential: { ...credential, ...failed("KeyRefused") }, after: 9 * A_DAY_MS },
  },
  "consumers behind whose predecessor stands": {
    ...{ cause: "ConsumersBehind", credential: awaiting, after: 9 * A_DAY_MS },
  },
  "consumers behind before a turn that is still to come": {
    ...{ cause: "ConsumersBehind", credential: { ...credential, ...failed("BEHIND") }, after: 9 * A_DAY_MS },
  },
  "what this look has come upon": { cause: "ManagerRefused", credential, after: 0 },
  "a record that is behind, while nothing was turned": {
    ...{ cause: "RecordBehind", record: failing, after: 9 * A_DAY_MS },
  },
  "a record that was brought forward, in the same moment": { cause: "BroughtForward", record: turned, after: A_DAY_MS },
  "a rekey that somebody else has answered, within a day: that his key was promoted says nothing": {
    ...{ cause: "REKEY_TAKEN", subject: EC2, after: A_DAY_MS },
  },
  "a mismatch, because it was rekeyed: who proves it is still to be seen": {
    ...{ cause: "MISMATCH", record: says("MISMATCH", SEEN, { rekeyedAt: LATER, current: turned.current }) },
  },
  "an execution that was cut off, within a day": { cause: "ExecutionCutOff", credential, after: A_DAY_MS },
  ...Object.fromEntries(
    OF_KEYS.map((cause) => [`${cause}, within a day`, { cause, subject: ACCESS_KEY, after: A_DAY_MS }]),
  ),
  "an exposed key that nobody has confirmed to be shut: whoever does ends it": {
    ...{ cause: "ExposedKeyNotShut", subject: ACCESS_KEY, after: 99 * A_DAY_MS },
  },
  "a refused request, within a day": { cause: "RequestRefused", credential, after: A_DAY_MS },
};

/** What is over since it was not found again. */
const NOT_FOUND_AGAIN = Object.entries(OVER).filter(([, { after = 2, subject }]) => after > 2 || subject === EC2);

function judge({ cause, subject, record, credential, after = 2, complete = true, hadTurn = true }: Case): boolean {
  const finding: Finding = {
    subject: subject ?? (credential ? "orders/db" : ID),
    cause,
    since: 0,
    seenAt: SEEN,
    times: 1,
    execution: EXECUTION,
    facts: {},
    version: 1,
  };
  return isOver(finding, record, { at: SEEN + after, complete, hadTurn, proofsEveryMs: PROOFS_EVERY_MS, credential });
}

test.each(Object.entries(OVER))("over is %s", (_, one) => expect(judge(one)).toBe(true));
test.each(Object.entries(NOT_OVER))("not over is %s", (_, one) => expect(judge(one)).toBe(false));

test.each(NOT_FOUND_AGAIN)("by a look that did not come to its end, not over is %s", (_, one) => {
  expect(judge({ ...one, complete: false })).toBe(false);
});

test.each([
  ...["STALE", "KeyTooOld", "AgentTooOld", "InstanceUnreachable"],
  ...["PushFailed", "PushUndelivered", "PushUnanswered", "PushRefused"],
])("%s is over while the host is switched off: only the host could mend it", (cause) => {
  expect(judge({ cause, record: failing })).toBe(false);
  expect(judge({ cause, record: { ...failing, status: "STOPPED" } })).toBe(true);
});

test("a record that somebody has altered keeps nobody from what is known of it", () => {
  const { current: _, ...without } = record;
  const altered = without as StoredRecord;
  expect(judge({ cause: "PushFailed", record: altered })).toBe(false);
  expect(judge({ cause: "RecordUnreadable", record: altered, after: 2 * PROOFS_EVERY_MS })).toBe(false);
  expect(judge({ cause: "PushFailed", record: altered, after: A_DAY_MS + 1 })).toBe(true);
});
