import type { TrailEvent } from "../clients/trail.ts";
import { type Calls, MOST_CALLS, MOST_PLACES, MOST_ROLES, type Use } from "./forms.ts";
import { leavesSomething } from "./leaves.ts";

/** Nothing was done. */
export const NO_USE: Use = { calls: [], total: 0, left: 0, roles: [], unread: [] };

/** A key's use, as a page of CloudTrail's in a Region says it. */
export function useOf(events: readonly TrailEvent[], region: string): Use {
  return events.map((event) => once(event, region)).reduce(addUp, NO_USE);
}

/**
 * What two parts of a key's use are together. It does not matter in which order parts are added: nothing is cut but lists of
 * which the first in the alphabet are kept, of roles those of each account.
 */
export function addUp(one: Use, other: Use): Use {
  const calls = new Map(one.calls.map((each) => [each.name, each]));
  for (const each of other.calls) {
    const before = calls.get(each.name);
    calls.set(each.name, before === undefined ? each : both(before, each));
  }
  const unread = new Map([...one.unread, ...other.unread].map((each) => [`${each.region} ${each.why}`, each]));
  return {
    calls: [...calls.values()].sort(byName),
    total: one.total + other.total,
    left: one.left + other.left,
    roles: fewOfEach([...one.roles, ...other.roles]),
    unread: [...unread].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each),
  };
}

/**
 * As much of a key's use as there is room for: first what leaves something behind, then what is most frequent. How many calls
 * that leaves out is counted.
 */
export function cut(use: Use, most = MOST_CALLS): Use {
  const calls = [...use.calls].sort(
    (one, other) => Number(other.leaves) - Number(one.leaves) || other.count - one.count || byName(one, other),
  );
  const left = calls.slice(most).reduce((sum, { count }) => sum + count, use.left);
  return { ...use, calls: calls.slice(0, most), left };
}

function once({ at, source, name, address, error, role }: TrailEvent, region: string): Use {
  const full = `${source.replace(/\.amazonaws\.com$/, "")}:${name}`;
  const refused = error === undefined ? 0 : 1;
  const leaves = refused === 0 && leavesSomething(full);
  return {
    ...NO_USE,
    calls: [{ name: full, count: 1, first: at, last: at, refused, leaves, regions: [region], addresses: [address] }],
    total: 1,
    roles: role === undefined || refused > 0 ? [] : [role],
  };
}

function both(one: Calls, other: Calls): Calls {
  return {
    name: one.name,
    count: one.count + other.count,
    first: Math.min(one.first, other.first),
    last: Math.max(one.last, other.last),
    refused: one.refused + other.refused,
    leaves: one.leaves || other.leaves,
    regions: firstOf([...one.regions, ...other.regions], MOST_PLACES),
    addresses: firstOf([...one.addresses, ...other.addresses], MOST_PLACES),
  };
}

/**
 * The first role of each account, then the second of each, and so on: however many of his own a thief takes on, they hide none
 * of another account.
 */
function fewOfEach(roles: readonly string[]): string[] {
  const counts = new Map<string | undefined, number>();
  const ranked = [...new Set(roles)].sort().map((role) => {
    const account = role.split(":")[4];
    const rank = counts.get(account) ?? 0;
    counts.set(account, rank + 1);
    return { role, rank };
  });
  // What is of one rank stays in its order.
  const kept = ranked.sort((one, other) => one.rank - other.rank).slice(0, MOST_ROLES);
  return kept.map(({ role }) => role).sort();
}

function firstOf(texts: readonly string[], most: number): string[] {
  return [...new Set(texts)].sort().slice(0, most);
}

function byName(one: Calls, other: Calls): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
}
