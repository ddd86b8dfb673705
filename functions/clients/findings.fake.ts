import type { Finding, FindingKey } from "../findings/finding.ts";
import { isOpen } from "../findings/table.ts";
import type { Findings } from "./findings.ts";

/** A page as small as this has whoever lists them take more than one. */
const PAGE = 5;

/** Findings in memory; `all` may be looked at by a test, by `subject cause`. */
export function fakeFindings(all = new Map<string, Finding>()): Findings & { all: Map<string, Finding> } {
  const placeOf = ({ subject, cause }: FindingKey) => `${subject} ${cause}`;
  return {
    all,

    find: async (key) => structuredClone(all.get(placeOf(key))),

    async write(finding, before) {
      if (all.get(placeOf(finding))?.version !== before?.version) return undefined;
      const given = Object.entries(finding).filter(([, value]) => value !== undefined);
      const written = { ...Object.fromEntries(given), version: (before?.version ?? 0) + 1 } as Finding;
      all.set(placeOf(finding), structuredClone(written));
      return structuredClone(written);
    },

    async listOpen(after, limit = PAGE) {
      const open = [...all.values()]
        .filter(isOpen)
        .sort((one, other) => one.since - other.since || (placeOf(one) < placeOf(other) ? -1 : 1));
      const [since, place]: [number, string] = after === undefined ? [Number.NEGATIVE_INFINITY, ""] : JSON.parse(after);
      const rest = open.filter((one) => one.since > since || (one.since === since && placeOf(one) > place));
      const page = structuredClone(rest.slice(0, Math.min(limit, PAGE)));
      const last = page.at(-1);
      const isMore = rest.length > page.length && last !== undefined;
      return { findings: page, ...(isMore && { next: JSON.stringify([last.since, placeOf(last)]) }) };
    },
  };
}
