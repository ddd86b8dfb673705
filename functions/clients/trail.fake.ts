import type { Trail, TrailEvent } from "./trail.ts";

/** So few that whoever forgets to ask for the next page is found out. */
const LISTED_AT_ONCE = 2;

/** A call as it was made: with which key, and where. */
export interface FakeCall extends TrailEvent {
  accessKeyId: string;
  region: string;
  /** When CloudTrail has it, in milliseconds since 1970; at once where it does not say. */
  seenAt?: number;
}

/**
 * CloudTrail in memory.
 *
 * @param now by which it knows which calls it has by now; all where it is left out
 * @returns with `made`, the calls; and `failing`, what is thrown in a Region, until it is taken out
 */
export function fakeTrail(now = () => Number.POSITIVE_INFINITY): Trail & {
  made: FakeCall[];
  failing: Map<string, Error>;
} {
  const made: FakeCall[] = [];
  const failing = new Map<string, Error>();
  return {
    made,
    failing,

    async calls({ accessKeyId, region, from, to, page = "0" }) {
      const error = failing.get(region);
      if (error !== undefined) throw error;
      const found = made
        .filter((one) => one.accessKeyId === accessKeyId && one.region === region && (one.seenAt ?? 0) <= now())
        // It counts in seconds.
        .filter(({ at }) => secondOf(at) >= secondOf(from) && secondOf(at) <= secondOf(to))
        .sort((one, other) => other.at - one.at);
      const begin = Number(page);
      const end = begin + LISTED_AT_ONCE;
      return {
        events: found.slice(begin, end).map(({ accessKeyId: _, region: __, seenAt: ___, ...event }) => ({ ...event })),
        ...(end < found.length && { next: String(end) }),
      };
    },
  };
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}
