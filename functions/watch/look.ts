import { agentVersionOf, isAgentTooOld, OLDEST_AGENT } from "../../protocol/index.ts";
import type { Executions } from "../clients/executions.ts";
import type { HostState } from "../clients/hosts.ts";
import { neverStood } from "../findings/storm.ts";
import { followSilent } from "../life/follow-silent.ts";
import { LONGEST_ROTATION_MS, turnName } from "../record/due.ts";
import { executionName } from "../record/execution-name.ts";
import type { InstanceRecord } from "../record/record.ts";
import { SOUND } from "../rotation/verdicts.ts";
import { isWaitedFor } from "../rotation/verify-hash/judge.ts";
import { type Judges, judgeProofs } from "./judge-proofs.ts";
import { tell } from "./of-record.ts";
import { standsAsRead } from "./stands-as-read.ts";

/** Whom it takes to look at an instance. */
export interface Lookers extends Judges {
  executions: Executions;
  rotateEveryMs: number;
  /** How often it is looked, and how often proofs are judged, in milliseconds. */
  looksEveryMs: number;
  proofsEveryMs: number;
}

/** What was read of an instance besides its record. */
interface Seen {
  /** When it wrote last, if that was lately. */
  wroteAt: number | undefined;
  /** What EC2 says of its host; where it was not asked, nothing. */
  state: HostState | undefined;
  /** ARN of the look. */
  execution: string;
}

/**
 * Looks at one instance: writes into its record what has changed, and tells people of what is wrong.
 *
 * @returns whether its proofs were judged
 */
export async function look(record: InstanceRecord, seen: Seen, lookers: Lookers): Promise<boolean> {
  const { now, rotateEveryMs } = lookers;
  const { status, current } = record;
  const at = now();
  // What a newcomer writes says nothing before its former is silent.
  if (status === "NEW") return false;
  const running = status === "STOPPED" ? await followStopped(record, seen, lookers) : record;
  if (running === undefined) return false;
  if (seen.wroteAt === undefined) {
    await followSilence(running, seen, lookers);
    return false;
  }
  if (isJudgedLately(running, lookers) && SOUND.includes(running.verdict ?? "")) return false;
  if (at - current.since >= 2 * rotateEveryMs && !isBack(running, lookers)) {
    await tell("KeyTooOld", running, seen.execution, lookers);
  }
  if (isAgentTooOld(running.agentVersion)) await tellOfOldAgent(running, seen, lookers);
  await judgeProofs(running, seen.execution, lookers, (at) => bringForward(running, at, seen, lookers));
  return true;
}

/**
 * Has a key turned that is to be tried again: the schedule may be rarer than what failed, has just come, or is to be
 * rekeyed, is to wait.
 *
 * @param execution ARN of the look
 */
export async function turnAgain(
  record: InstanceRecord,
  execution: string,
  { executions, now, rotateEveryMs }: Pick<Lookers, "executions" | "now" | "rotateEveryMs">,
): Promise<void> {
  const { id, status, dueAt, failingSince, rekey } = record;
  const at = now();
  const isTried = status === "NEW" || (status === "ACTIVE" && (failingSince !== undefined || rekey !== undefined));
  if (!isTried || dueAt > at) return;
  // Of one name there is one execution.
  const name = turnName(record, { at, rotateEveryMs });
  await executions.start({ flow: "rotation", name, input: { id, trigger: "watch", run: executionName(execution) } });
}

/** Whether it was silent, off or in quarantine until just now: then its key is turned soon. */
function isBack({ verdict, judgedAt = 0 }: InstanceRecord, { now, proofsEveryMs }: Lookers): boolean {
  return verdict === "STALE" || now() - judgedAt > 2 * proofsEveryMs;
}

/** Whether it is not due yet: that is at the look which is nearest to when proofs are judged again. */
function isJudgedLately({ judgedAt = 0 }: InstanceRecord, { now, looksEveryMs, proofsEveryMs }: Lookers): boolean {
  return now() - judgedAt < proofsEveryMs - looksEveryMs / 2;
}

/**
 * It is said to be stopped: the event of its start, or of its end, may have been lost.
 *
 * @returns the record of one that EC2 says runs, of which proofs are expected from now on; undefined for all others
 */
async function followStopped(
  record: InstanceRecord,
  seen: Seen,
  lookers: Lookers,
): Promise<InstanceRecord | undefined> {
  const { registry, now } = lookers;
  const { id, ec2InstanceId, lastProofAt } = record;
  const { state, wroteAt } = seen;
  const at = now();
  if (state === "running") {
    const isStarted = await registry.start(id, { ec2InstanceId, at });
    return isStarted ? { ...record, status: "ACTIVE", startedAt: at } : undefined;
  }
  if (state === "stopped" && wroteAt !== undefined) await followWriter(record, wroteAt, seen, lookers);
  // What it writes speaks for it.
  if (wroteAt === undefined && (state === "terminated" || state === "unknown")) {
    await followSilent({ record, state, lastProofAt }, lookers);
  }
  return undefined;
}

/** Where it is remembered that a host was off, though it had written lately: no finding, but in the form of one. */
const WAS_OFF = "WasOff";

/**
 * EC2 says that it is stopped, and something was written as it lately. At the first such look a host may have written that
 * just before it was stopped; this is remembered. What bears a later time at a further look, by more than a clock may be
 * ahead, was written while the host was off, and by another, whether it proves the key or not.
 */
async function followWriter(record: InstanceRecord, wroteAt: number, seen: Seen, lookers: Lookers): Promise<void> {
  const { registry, findings, now, skewMs } = lookers;
  const { id, current, startedAt } = record;
  const at = now();
  const memory = { subject: id, cause: WAS_OFF, execution: seen.execution, facts: {} };
  const before = await findings.find(memory);
  // It may have been started since.
  if (before === undefined || before.since < startedAt) {
    await findings.write(neverStood(memory, at), before);
    return;
  }
  if (wroteAt <= before.since + skewMs || !(await standsAsRead(record, registry))) return;
  const said = "EC2 says that its host is stopped, and somebody writes as it.";
  await tell("CONFLICT", record, seen.execution, lookers, said);
  await registry.noteJudged(id, { generation: current.generation, verdict: "CONFLICT", at });
}

/** It has written nothing lately: EC2 says whether anybody is to be told. */
async function followSilence(record: InstanceRecord, seen: Seen, lookers: Lookers): Promise<void> {
  const { registry, now, intervalMs } = lookers;
  const { id, current, lastProofAt, verdict, judgedAt = 0, startedAt } = record;
  const at = now();
  if (isWaitedFor(record, { now: at, intervalMs })) return;
  const state = seen.state ?? "unknown";
  if ((await followSilent({ record, state, lastProofAt }, lookers)) !== "STALE") return;
  // People know already: whoever noted it has told them first. Anew, as rarely as proofs are judged, since a quarantine in
  // between, of which the record says nothing any more, has ended what was told; or at once, if it was stopped since.
  if (verdict === "STALE" && judgedAt >= startedAt && isJudgedLately(record, lookers)) return;
  // It may have come back between the reading of its record and of its samples.
  if (!(await standsAsRead(record, registry))) return;
  await tell("STALE", record, seen.execution, lookers);
  await registry.noteJudged(id, { generation: current.generation, verdict: "STALE", at });
}

/** It goes on proving and turning its key, but this control plane counts on what its agent has not. */
async function tellOfOldAgent(record: InstanceRecord, seen: Seen, lookers: Lookers): Promise<void> {
  // Where the agent was updated, it has registered since the record was read.
  if (!(await standsAsRead(record, lookers.registry))) return;
  const said = `Its agent is ${agentVersionOf(record.agentVersion)}; at least ${OLDEST_AGENT} is needed.`;
  await tell("AgentTooOld", record, seen.execution, lookers, said);
}

/**
 * What it writes claims a generation that its record does not know: a rotation derives what it may have turned to, and turns
 * it, or tells people. Once an hour, however often it is looked.
 */
async function bringForward(
  { id, current }: InstanceRecord,
  at: number,
  { execution }: Seen,
  { executions }: Lookers,
): Promise<void> {
  const name = `${id}-behind-${current.generation}-${Math.floor(at / LONGEST_ROTATION_MS)}`;
  await executions.start({ flow: "rotation", name, input: { id, trigger: "watch", run: executionName(execution) } });
}
