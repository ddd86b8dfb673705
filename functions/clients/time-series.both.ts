import type { TimeSeries } from "./time-series.ts";

/**
 * The samples in two stores, as if they lay in one: while agents move from one to the other, an instance's proofs are in
 * both. Each is read as it is by itself, with its own bounds; where one cannot be read, nothing is said.
 */
export function inBothSeries(one: TimeSeries, other: TimeSeries): TimeSeries {
  return {
    async read(window) {
      const samples = await Promise.all([one.read(window), other.read(window)]);
      return samples
        .flat()
        .sort((a, b) => b.timeMs - a.timeMs)
        .slice(0, window.limit);
    },

    async hasAny(written) {
      const found = await Promise.all([one.hasAny(written), other.hasAny(written)]);
      return found.includes(true);
    },

    async newest(who, window) {
      const [newest, others] = await Promise.all([one.newest(who, window), other.newest(who, window)]);
      const both = new Map(newest);
      for (const [id, timeMs] of others) both.set(id, Math.max(timeMs, newest.get(id) ?? timeMs));
      return both;
    },
  };
}
