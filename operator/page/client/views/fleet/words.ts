import type { InstanceRow, Tone } from "../../../wire/live.ts";

/** How long something has been so stands behind some words: `failing 3 min`. */
const SPAN = /\s\d+ \w+$/;

/** What is said of an instance in one word, which is what it is counted as: what is wrong with it, else its verdict, else its status. */
export function wordOf({ words: [first], status, verdict }: InstanceRow): string {
  if (first !== undefined) return first.replace(SPAN, "");
  return status === "ACTIVE" ? (verdict ?? "not judged yet") : status || "of no status";
}

/** Of how many instances a word is said. */
export interface Count {
  word: string;
  count: number;
  /** Of the worst of them, as is their rank. */
  tone: Tone;
  rank: number;
}

const TONES: Tone[] = ["bad", "warn", "quiet", "good"];

/** How many there are of which word, the worst first, and of those as bad as each other the most. */
export function countsOf(rows: readonly InstanceRow[]): Count[] {
  const counts = [...Map.groupBy(rows, wordOf)].map(
    ([word, of]): Count => ({
      ...{
        word,
        count: of.length,
        rank: of.reduce((least, { rank }) => Math.min(least, rank), Number.POSITIVE_INFINITY),
      },
      tone: TONES.find((tone) => of.some((row) => row.tone === tone)) ?? "quiet",
    }),
  );
  return counts.sort((one, other) => one.rank - other.rank || other.count - one.count);
}

/**
 * What chooses instances by what somebody has typed. A word that is said of some chooses these and no other, so that MATCH does
 * not find MISMATCH; anything else is looked for in IDs, hosts, addresses, statuses and words.
 */
export function filterOf(text: string, rows: readonly InstanceRow[]): (row: InstanceRow) => boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return () => true;
  const saidOf = (row: InstanceRow) =>
    [wordOf(row), ...row.words.map((word) => word.replace(SPAN, ""))].map((word) => word.toLowerCase());
  if (rows.some((row) => saidOf(row).includes(wanted))) return (row) => saidOf(row).includes(wanted);
  return (row) =>
    [row.id, row.ec2InstanceId, row.ip ?? "", row.status, row.verdict ?? "", ...row.words].some((one) =>
      one.toLowerCase().includes(wanted),
    );
}

/** The order of tiles: the worst first, and else one that stays, so that a tile stands where it stood while keys turn. */
export function inPlace(rows: readonly InstanceRow[]): InstanceRow[] {
  return [...rows].sort((one, other) => one.rank - other.rank || (one.id < other.id ? -1 : 1));
}
