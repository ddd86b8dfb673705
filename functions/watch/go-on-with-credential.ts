import { credentialRotated } from "../../events/credential-rotated.ts";
import type { Audit } from "../clients/audit.ts";
import type { Bus } from "../clients/bus.ts";
import type { Credentials } from "../clients/credentials.ts";
import type { Executions } from "../clients/executions.ts";
import type { Secrets } from "../clients/secrets.ts";
import { alterCredential } from "../credential/alter.ts";
import { isUrgent } from "../credential/is-urgent.ts";
import { longestPauseMs, pauseMs } from "../credential/longest-pause.ts";
import { noteLostPromotion } from "../credential/note-lost-promotion.ts";
import type { CredentialRecord } from "../credential/record.ts";
import { findLastTry, startNextTry, type Try, tryName } from "../credential/tries.ts";
import { wasPromoted } from "../credential/was-promoted.ts";
import type { CredentialSettings } from "../shared/credential-settings.ts";
import { isDue, isLate, isRefusalDue, isRefused, noteRefusal, tokenOfRequest } from "./due.ts";
import type { SeenCredential } from "./seen-credential.ts";

/** How long a version may be pending before its execution is started: Secrets Manager tries that, too, some times. */
const UNBEGUN_MS = 4 * 60_000;
/** How the flow ends that has waited for consumers in vain: from then on the watch waits for them. */
const WAITED_IN_VAIN = "Keyturn.ConsumersBehind";

interface Neighbours {
  secrets: Pick<Secrets, "askForRotation">;
  credentials: Credentials;
  audit: Audit;
  executions: Pick<Executions, "find" | "start" | "arnOf">;
  bus: Bus;
  now: () => number;
}

/**
 * Goes on with what executions have left behind: a version that is pending and that nobody turns any more; a predecessor that
 * nobody retires any more; a rotation that has failed and whose time has come again. Of a token it begins a turn as well: at once
 * where the probe refuses it, so that no refusal outlasts a look and the turn that it asks for; and when its life asks for it. The
 * flow itself judges what is still to be done, so that it does no harm if things have moved on since they were seen.
 *
 * Where the record of a token is lost, it asks for a turn, since nobody else would.
 *
 * While all is well, it calls nobody; while consumers are awaited, Step Functions once more than there are tries.
 *
 * @param seen.isRotated whether Secrets Manager has Keyturn's function rotate it: where a person has switched that off, nothing
 *   new is begun
 * @returns whether an execution was started, or a rotation was asked for
 */
export async function goOnWithCredential(
  seen: SeenCredential & { isRotated: boolean; credential: CredentialSettings },
  record: CredentialRecord,
  neighbours: Neighbours,
): Promise<boolean> {
  const { credentials, now } = neighbours;
  const { current, pending } = seen.stages ?? {};
  if (current === undefined) return false;
  const isToken = seen.credential.kind === "token";
  // Before its first turn of all, nobody is served by it.
  const isLost = isToken && (await isRecordLost(seen, record, neighbours));
  const isOut = isToken && (record.current !== undefined || isLost) && isRefused(seen);
  const mayTurn = seen.isRotated && (isOut && !isLost ? isRefusalDue(record, now()) : isDue(record, now()));
  if (pending !== undefined && pending !== current) {
    // Only the same version is tried again: what is set may be its password. Who has moved the label back from one that was
    // promoted is told of, and not overruled.
    const isBegun = mayTurn && pending !== record.current?.versionId && (await turnPending(seen, record, neighbours));
    if (isBegun && isOut) await noteRefusal(record, now(), credentials);
    return isBegun;
  }
  if (isOut) {
    // Neither is waited for who has not moved, nor is the former one retired, which may be the only one that is good.
    const isAsked = mayTurn && (await ask(seen, record, neighbours));
    if (isAsked) await noteRefusal(record, now(), credentials);
    return isAsked;
  }
  // The next turn makes a lost record whole again.
  const isOverdue = isLost || isLate(record, seen.credential, now());
  if (record.predecessor !== undefined) {
    if (await retire(seen, record, neighbours)) return true;
    if (!isOverdue) return false;
  }
  if (!mayTurn || (record.failing === undefined && !isOverdue)) return false;
  return isTurnable(seen, record, now()) && ask(seen, record, neighbours);
}

/** Whether a version was promoted of which the record knows nothing: then nobody remembers when its token ends. */
async function isRecordLost(
  { stages }: SeenCredential,
  { name, current }: CredentialRecord,
  { audit }: Neighbours,
): Promise<boolean> {
  return current === undefined && stages?.predecessor !== undefined && (await wasPromoted(name, audit));
}

async function turnPending(
  { stages, credential }: SeenCredential & { credential: CredentialSettings },
  record: CredentialRecord,
  neighbours: Neighbours,
): Promise<boolean> {
  const token = stages?.pending ?? "";
  const rotation = { secret: record.name, token };
  const last = await findLastTry(rotation, neighbours);
  if (last?.end.status === "RUNNING") return false;
  if (last === undefined && !(await isLeftUnbegun(record, token, neighbours))) return false;
  await startNextTry(rotation, { last, trigger: "watch" }, neighbours);
  await moveOn(record, credential, neighbours);
  return true;
}

/**
 * Whether a version without an execution was pending for a while: else Secrets Manager is about to have one started, or only
 * tests how it is set up, for which it puts the label and takes it off again.
 */
async function isLeftUnbegun(
  { name, unbegun }: CredentialRecord,
  token: string,
  { credentials, now }: Neighbours,
): Promise<boolean> {
  const at = now();
  if (unbegun?.versionId === token) return at - unbegun.since >= UNBEGUN_MS;
  const noted = { versionId: token, since: at };
  await alterCredential(name, (record) => ({ ...record, unbegun: noted }), { credentials });
  return false;
}

/**
 * Notes a promotion, and puts it on the bus, where whoever promoted the version died before he could.
 *
 * @param record as it was read after what was seen
 * @returns the record as it stands then
 */
export async function noteUnnoted(
  { stages }: SeenCredential,
  record: CredentialRecord,
  neighbours: Neighbours,
): Promise<CredentialRecord> {
  const { name: secret, confirmed, current } = record;
  if (confirmed === undefined || stages?.current !== confirmed.versionId) return record;
  const { versionId: token, user, at: enteredAt } = confirmed;
  if (current?.versionId === token) return record;
  const last = await findLastTry({ secret, token }, neighbours);
  // Whoever is at it notes it himself.
  if (last?.end.status === "RUNNING") return record;
  const name = last?.name ?? tryName({ secret, token }, 1);
  const execution = await neighbours.executions.arnOf({ flow: "credential", name });
  // Before it is noted: should this die in between, it is put twice rather than never.
  await neighbours.bus.put(credentialRotated, { secret, versionId: token, user, execution });
  const seen = { stages: { current: token, pending: stages.pending, predecessor: stages.predecessor }, record };
  return noteLostPromotion(seen, { execution, asked: { trigger: "watch" }, enteredAt }, neighbours);
}

/** The execution has ended before all had moved, or before the second stroke. */
async function retire(
  seen: SeenCredential & { credential: CredentialSettings },
  record: CredentialRecord,
  neighbours: Neighbours,
): Promise<boolean> {
  const { current, predecessor, name: secret } = record;
  const { credentials, now } = neighbours;
  const at = now();
  if (current === undefined || current.versionId !== seen.stages?.current || (predecessor?.tryAt ?? 0) > at)
    return false;
  const rotation = { secret, token: current.versionId };
  const last = await findLastTry(rotation, neighbours);
  if (last?.end.status === "RUNNING" || !isWorthTrying(last, seen, record)) return false;
  await startNextTry(rotation, { last, trigger: "watch" }, neighbours);
  const tryAt = at + longestPauseMs(seen.credential);
  await alterCredential(
    secret,
    ({ predecessor: former, ...before }) =>
      former === undefined || former.versionId !== predecessor?.versionId
        ? undefined
        : { ...before, predecessor: { ...former, tryAt } },
    { credentials },
  );
  return true;
}

/** After it has waited in vain, people know who is behind; it is gone on with as soon as nobody is. */
function isWorthTrying(last: Try | undefined, { uses }: SeenCredential, { predecessor }: CredentialRecord): boolean {
  return predecessor?.shutAt !== undefined || last?.end.error !== WAITED_IN_VAIN || uses?.moved === true;
}

/**
 * Whether what can be seen is in no one's way: nobody uses the user that would be turned, unless there is no time left to wait for
 * him; and the current login is accepted.
 */
function isTurnable({ says, uses }: SeenCredential, record: CredentialRecord, now: number): boolean {
  if (uses?.behind !== 0 && !isUrgent(record, now)) return false;
  // One that was never turned is refused until it is.
  return record.current === undefined || (says.length > 0 && says.every((one) => one.says === "ACCEPTED"));
}

/** Asks for a rotation, under a token of its own. */
async function ask(
  { credential }: { credential: CredentialSettings },
  record: CredentialRecord,
  neighbours: Neighbours,
): Promise<boolean> {
  const token = tokenOfRequest(record, credential, neighbours.now());
  const asked = await neighbours.secrets.askForRotation(record.name, token);
  await moveOn(record, credential, neighbours);
  return asked === "asked";
}

/** Whoever fails again notes when it is tried next; until then, or should he die, it is not tried with each look. */
async function moveOn(
  seen: CredentialRecord,
  credential: CredentialSettings,
  { credentials, now }: Neighbours,
): Promise<void> {
  const { name, failing: before } = seen;
  const at = now();
  const nextTryAt = at + pauseMs(credential, seen, at);
  await alterCredential(
    name,
    ({ failing, ...record }) =>
      failing === undefined || failing.nextTryAt !== before?.nextTryAt
        ? undefined
        : { ...record, failing: { ...failing, nextTryAt } },
    { credentials },
  );
}
