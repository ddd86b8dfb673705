import { type Finding, stands } from "../functions/findings/finding.ts";
import type { Status } from "../functions/record/record.ts";
import { span } from "./output/time.ts";
import type { Instance } from "./reads/instances.ts";

/** An instance and what stands about it, or about its host. The record may say less: who found something may be faster. */
export interface Looked {
  instance: Instance;
  findings: readonly Finding[];
}

/**
 * Puts what stands to the instances that it stands about; what stands of a host, to the instance that lives there.
 *
 * @returns the instances in their order, and what stands about nothing among them: the fleet itself, a secret, an unknown host
 */
export function lookedAt(
  instances: readonly Instance[],
  findings: readonly Finding[],
): { looked: Looked[]; others: Finding[] } {
  const bySubject = Map.groupBy(findings.filter(stands), ({ subject }) => subject);
  const taken = new Set<string>();
  const looked = instances.map((instance): Looked => {
    const { id, ec2InstanceId, status } = instance;
    // A host may have come under another ID since.
    const subjects = status === "RETIRED" ? [id] : [id, ec2InstanceId];
    for (const subject of subjects) taken.add(subject);
    return { instance, findings: subjects.flatMap((subject) => bySubject.get(subject) ?? []) };
  });
  return { looked, others: [...bySubject].flatMap(([subject, of]) => (taken.has(subject) ? [] : of)) };
}

/** What an instance's proofs say when all is well, or nothing yet. */
const SOUND = ["MATCH", "MATCH_PENDING"];
const SAYS_NOTHING = ["WAITING", "SUPERSEDED"];
const ALARMING = ["MISMATCH", "CONFLICT"];

/** Whether an instance's proofs were found wrong, or missing, when they were last judged. */
export function isUnsound({ verdict, status }: Pick<Instance, "verdict" | "status">): boolean {
  // Of one that is off, or that somebody has shut away, it is what was said before.
  if (status !== "ACTIVE" && !(verdict === "CONFLICT" && status === "STOPPED")) return false;
  return verdict !== undefined && ![...SOUND, ...SAYS_NOTHING].includes(verdict);
}

/** Whether something stands, its proofs are wrong or missing, or its record has no key, which somebody must have altered. */
function isWrong({ instance, findings }: Looked): boolean {
  const hasNoKey = instance.status !== "RETIRED" && instance.generation === undefined;
  return findings.length > 0 || hasNoKey || isUnsound(instance);
}

/** Whether somebody should look at it: something is wrong, or its key cannot be turned. */
export function needsAttention(looked: Looked): boolean {
  return isWrong(looked) || isFailing(looked.instance);
}

/** Whether its key cannot be turned, though that is tried: of a host that is stopped, or in quarantine, nobody tries. */
function isFailing({ status, failingSince }: Instance): boolean {
  return failingSince !== undefined && status !== "STOPPED" && status !== "QUARANTINED";
}

/** When a key is due it is turned within the hour: what is due for longer is worth a glance. */
const OVERDUE_MS = 3600_000;

export function isOverdue({ status, dueAt }: Instance, now: number): boolean {
  return status === "ACTIVE" && dueAt !== undefined && now - dueAt > OVERDUE_MS;
}

/**
 * How bad it is, the worst first:
 *
 *  0. its proofs do not fit its key, or two write as one: by what stands, or by its record's verdict
 *  1. something else stands, its proofs are missing, or its record has no key
 *  2. its key cannot be turned since a while
 *  3. it has been waited for without a proof, however often it started
 *  4. its key is due for more than an hour
 *  5. a rekey stands
 *  6. quarantined; 7. new; 8. at work; 9. stopped; 10. retired
 */
export function rankOf(looked: Looked, now: number): number {
  const { instance, findings } = looked;
  const { status, verdict = "", waitingSince, isRekeyed } = instance;
  const isAlarming = findings.some(({ cause }) => ALARMING.includes(cause));
  if (isAlarming || (isUnsound(instance) && ALARMING.includes(verdict))) return 0;
  if (isWrong(looked)) return 1;
  if (isFailing(instance)) return 2;
  if (status === "ACTIVE" && waitingSince !== undefined) return 3;
  if (isOverdue(instance, now)) return 4;
  if (isRekeyed) return 5;
  return 6 + QUIET.indexOf(status);
}

/** Of whom nothing is to be said but what they are. */
const QUIET: Status[] = ["QUARANTINED", "NEW", "ACTIVE", "STOPPED", "RETIRED"];

/** The worst first; of those that are as bad as each other, the one with the oldest key. */
export function worstFirst(all: readonly Looked[], now: number): Looked[] {
  const ranked = all.map((looked) => ({ looked, rank: rankOf(looked, now), keySince: looked.instance.keySince ?? 0 }));
  ranked.sort((a, b) => a.rank - b.rank || a.keySince - b.keySince || compare(a.looked, b.looked));
  return ranked.map(({ looked }) => looked);
}

function compare({ instance: one }: Looked, { instance: other }: Looked): number {
  if (one.id === other.id) return 0;
  return one.id < other.id ? -1 : 1;
}

/** What is wrong with it, or to be known of it, in a few words each: what stands first, by its causes. */
export function wordsOf({ instance, findings }: Looked, now: number): string[] {
  const { status, generation, failingSince = now, waitingSince, isRekeyed, dueAt = now } = instance;
  const isLive = status !== "RETIRED";
  return [
    ...new Set(findings.map(({ cause }) => cause)),
    ...(isLive && generation === undefined ? ["no key"] : []),
    ...(isFailing(instance) ? [`failing ${span(now - failingSince)}`] : []),
    ...(status === "ACTIVE" && waitingSince !== undefined ? [`no proof ${span(now - waitingSince)}`] : []),
    ...(isOverdue(instance, now) ? [`overdue ${span(now - dueAt)}`] : []),
    ...(isRekeyed ? ["rekey stands"] : []),
  ];
}

/** In how many classes a fleet falls: its live instances by what they are said to be, those at work by their verdict. */
export function countsOf(all: readonly Looked[]): [what: string, count: number][] {
  const words = all.map(({ instance: { status, verdict } }) =>
    status === "ACTIVE" ? (verdict ?? "not judged yet") : (status ?? "of no status"),
  );
  const counts = Map.groupBy(words, (word) => word);
  return [...counts]
    .map(([word, { length }]): [string, number] => [word, length])
    .sort(([, one], [, other]) => other - one);
}
