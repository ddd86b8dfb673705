import { isEc2InstanceId } from "../../../protocol/index.ts";
import { putLines } from "../../audit/put-lines.ts";
import type { HostState } from "../../clients/hosts.ts";
import { followSilent } from "../../life/follow-silent.ts";
import { WINDOW_INTERVALS } from "../../record/due.ts";
import { type InstanceRecord, isRetired, type StoredRecord } from "../../record/record.ts";
import { freshFrom } from "../../rotation/verify-hash/judge.ts";
import { eachAtOnce } from "../../shared/at-once.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { look, turnAgain } from "../look.ts";
import { aboutOf, demandForm } from "../of-record.ts";
import { withoutTheOthers } from "../without-the-others.ts";
import type { contract } from "./contract.ts";

/** How many records a page has: what is read and judged of them fits well into the function's time. */
const PAGE = 2000;

/**
 * Looks at a page of the records, due or not. Of each it is read when it wrote last; of those that are silent, or that prove
 * a key though they are said to be stopped, EC2 is asked together; proofs are judged where that is due.
 */
export async function lookAtRecords(
  { after, execution }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, timeSeries, now, intervalMs, skewMs } = neighbours;
  const { records, next } = await registry.listPage({ limit: PAGE, after });
  const live = records.filter(isLookedAt);
  // Of what is no host nothing can be asked.
  const looked = live.filter(({ ec2InstanceId }) => isEc2InstanceId(ec2InstanceId));
  const window = { from: now() - WINDOW_INTERVALS * intervalMs, to: now() + skewMs };
  const newest = await timeSeries.newest(looked, window);

  const freshSince = freshFrom({ now: now(), intervalMs });
  const isFresh = ({ id }: InstanceRecord) => (newest.get(id) ?? 0) > freshSince;
  // Whoever put one into quarantine has decided about it, as long as there is a host.
  const shut = records.filter(isInQuarantine).filter(({ ec2InstanceId }) => isEc2InstanceId(ec2InstanceId));
  // No event is to be believed alone: neither that they run, nor that they are stopped.
  const doubtful = looked.filter((record) => record.status === "STOPPED" || !isFresh(record));
  const states = await statesOf([...doubtful, ...shut], neighbours);
  const each = <Some extends StoredRecord>(some: Some[], work: (record: Some) => Promise<unknown>) =>
    eachAtOnce(some, (record) => withoutTheOthers(aboutOf(record, execution), neighbours, () => work(record)));

  let judged = 0;
  await each(live, async (record) => {
    demandForm(record);
    const wroteAt = isFresh(record) ? newest.get(record.id) : undefined;
    const seen = { wroteAt, state: states.get(record.ec2InstanceId), execution };
    if (await look(record, seen, neighbours)) judged += 1;
  });
  await each(shut, async (record) => {
    const state = states.get(record.ec2InstanceId);
    if (state === "terminated") await followSilent({ record, state }, neighbours);
  });
  await each(live, (record) => turnAgain(record, execution, neighbours));
  // Whoever did something to one and died, or had no right to, has left its audit line to the next.
  await each(records, (record) => putLines(record.id, record, neighbours));
  noteOldestKey(looked, neighbours);
  const silent = looked.filter((record) => !isFresh(record)).length;
  return { looked: looked.length, silent, judged, ...(next !== undefined && { next }) };
}

function isLookedAt(record: StoredRecord): record is InstanceRecord {
  return !isRetired(record) && record.status !== "QUARANTINED";
}

function isInQuarantine(record: StoredRecord): record is InstanceRecord {
  return record.status === "QUARANTINED";
}

function noteOldestKey(
  records: InstanceRecord[],
  { now, journal }: Pick<NeighboursOf<typeof contract>, "now" | "journal">,
): void {
  const active = records.filter(({ status }) => status === "ACTIVE");
  // One that somebody has altered may have none.
  const since = active.map(({ current }) => current?.since).filter(Number.isSafeInteger);
  if (since.length > 0) journal.duration("OldestKeyAge", now() - Math.min(...since));
}

async function statesOf(
  records: InstanceRecord[],
  { hosts }: Pick<NeighboursOf<typeof contract>, "hosts">,
): Promise<Map<string, HostState>> {
  return records.length === 0 ? new Map() : hosts.states(records.map(({ ec2InstanceId }) => ec2InstanceId));
}
