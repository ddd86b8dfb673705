import type { CredentialSettings } from "../shared/credential-settings.ts";
import type { Behind } from "./inputs.ts";
import type { Sighting } from "./record.ts";

/** How many of those who are behind are told of: more names nobody reads, and an item of a table has its limit. */
export const MOST_BEHIND = 50;

/** Of whom nothing is seen, and who may yet hold what could be fetched until a moment ago. */
const ANYBODY = "(anybody)";

/** Which user consumers are to use, and which they are to leave. All times are milliseconds since 1970. */
export interface Turned {
  user: string;
  former: string;
  /** When the user in force was promoted, for as long as the former one is not retired; else missing. */
  since?: number | undefined;
  /** Whether nobody is waited for: the former one is a token that has ended by itself, or is to end at once. */
  isOver?: boolean;
}

export interface Judgement {
  /** Who has not moved for long enough, by name: those named first where there are too many. */
  behind: Behind[];
  /** Those of them who will not do so by themselves: the quiet time is longer than the longest cache. */
  stuck: Behind[];
  /** Whether the former user may be retired. Never so where he is not to be. */
  moved: boolean;
  /** Where nothing is missing but quiet: until when. */
  quietUntil?: number;
}

/**
 * Judges who has moved to the user in force. Pure: the same sightings, in any order, at the same moment give the same.
 *
 * All have moved when the quiet time since the promotion is over, each named consumer was seen on the user in force since
 * then, in the way that is set for him, and nobody at all was seen on the former one within the quiet time. Until the
 * promotion there was none but him, so until then everybody is taken to have used him.
 *
 * Where no former user is to be retired, the other one is turned next, and only who was seen on him within the quiet time is
 * behind.
 */
export function judgeUses(
  sightings: readonly Sighting[],
  { user, former, since, isOver = false }: Turned,
  { now, credential }: { now: number; credential: CredentialSettings },
): Judgement {
  if (isOver) return { behind: [], stuck: [], moved: since !== undefined };
  const { consumers } = credential;
  const quietMs = credential.quietSeconds * 1000;
  const names = new Set(consumers.map(({ name }) => name));
  const uses = sightings.filter((one) => one.user === former && now - one.at < quietMs);
  const users = uses.map((use) => behindBy(use, names.has(use.consumer) ? "USES_FORMER" : "NOT_NAMED"));
  if (since === undefined) return { behind: bounded(users), stuck: [], moved: false };

  const quietFrom = since + quietMs;
  const isSeen = ({ name, seenBy }: (typeof consumers)[number]) =>
    sightings.some((one) => one.consumer === name && one.by === seenBy && one.user === user && one.at >= since);
  const unseen = consumers.filter((consumer) => !isSeen(consumer)).map(({ name }) => name);
  const isUser = (name: string) => uses.some(({ consumer }) => consumer === name);
  const notSeen = unseen.filter((name) => !isUser(name)).map((name) => notSeenBy(name, former, sightings));

  if (now < quietFrom) {
    const others = consumers.filter((consumer) => isSeen(consumer) && !isUser(consumer.name));
    const takenToUse = others.map(({ name }): Behind => ({ consumer: name, why: "USES_FORMER", lastAt: since }));
    const all = [...users, ...notSeen, ...takenToUse];
    const anybody: Behind = { consumer: ANYBODY, why: "NOT_NAMED", lastAt: since };
    return {
      behind: bounded(all.length > 0 ? all : [anybody]),
      stuck: [],
      moved: false,
      ...(unseen.length === 0 && { quietUntil: quietAfter(since, uses, quietMs) }),
    };
  }
  // Who used the former one for the last time before that may have moved since; later, his cache is no excuse.
  const stuck = [...users.filter((one) => unseen.includes(one.consumer) || (one.lastAt ?? 0) >= quietFrom), ...notSeen];
  const behind = [...users, ...notSeen];
  return {
    behind: bounded(behind),
    stuck: bounded(stuck),
    moved: behind.length === 0,
    ...(behind.length > 0 && stuck.length === 0 && { quietUntil: quietAfter(since, uses, quietMs) }),
  };
}

function quietAfter(since: number, uses: readonly Sighting[], quietMs: number): number {
  return uses.reduce((last, { at }) => Math.max(last, at), since) + quietMs;
}

function behindBy({ consumer, at, address, ec2InstanceId, role }: Sighting, why: Behind["why"]): Behind {
  return {
    ...{ consumer, why, lastAt: at },
    ...(address !== undefined && { address }),
    ...(ec2InstanceId !== undefined && { ec2InstanceId }),
    ...(role !== undefined && { role }),
  };
}

function notSeenBy(name: string, former: string, sightings: readonly Sighting[]): Behind {
  const times = sightings.filter(({ consumer, user }) => consumer === name && user === former).map(({ at }) => at);
  return { consumer: name, why: "NOT_SEEN", ...(times.length > 0 && { lastAt: Math.max(...times) }) };
}

/** As many as are told of, by name, newest first. Each named consumer comes before any one's second place, and before others. */
function bounded(all: readonly Behind[]): Behind[] {
  const counts = new Map<string, number>();
  const ranked = all.toSorted(byName).map((one) => {
    const rank = counts.get(one.consumer) ?? 0;
    counts.set(one.consumer, rank + 1);
    return { one, rank, isNamed: one.why !== "NOT_NAMED" };
  });
  return ranked
    .toSorted((a, b) => Number(b.isNamed) - Number(a.isNamed) || a.rank - b.rank)
    .slice(0, MOST_BEHIND)
    .map(({ one }) => one)
    .toSorted(byName);
}

function byName(one: Behind, other: Behind): number {
  const [a, b] = [one, other].map(({ address, ec2InstanceId, role }) => `${address} ${ec2InstanceId} ${role}`) as [
    string,
    string,
  ];
  return compare(one.consumer, other.consumer) || (other.lastAt ?? 0) - (one.lastAt ?? 0) || compare(a, b);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
