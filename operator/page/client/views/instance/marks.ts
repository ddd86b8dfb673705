import type { LifeEntry, LifeFinding } from "../../../wire/life.ts";
import type { Tone } from "../../../wire/live.ts";

/** Something that was done, as it stands on the axis. */
export interface Mark {
  at: number;
  tone: Tone;
  label: string;
  entry: LifeEntry;
}

/** What is no mark: findings have a row of their own, and of checks the last ones alone are known. */
const ELSEWHERE = ["found", "mailed", "ended", "refused", "proved", "checked"];

const TONES: Record<string, Tone> = {
  ...{ registered: "good", promoted: "good", rekeyed: "good", "brought-forward": "good", released: "good" },
  ...{ ended: "good", proved: "good", deactivated: "good" },
  ...{ failed: "bad", found: "bad", refused: "bad" },
  ...{ quarantined: "warn", "rekey-opened": "warn" },
};

/** How something in a life is to be looked upon. */
export function toneOf(what: string): Tone {
  return Object.hasOwn(TONES, what) ? (TONES[what] ?? "quiet") : "quiet";
}

/** What was done, the oldest first: acts alone. */
export function marksOf(life: readonly LifeEntry[]): Mark[] {
  return life
    .filter(({ what, at }) => !ELSEWHERE.includes(what) && at > 0)
    .map((entry) => ({ at: entry.at, tone: toneOf(entry.what), label: labelOf(entry), entry }));
}

/** As short as can be: of a turn, to which generation. */
function labelOf({ what, says }: LifeEntry): string {
  const [, generation] = /\bgeneration (\d+)/.exec(says) ?? [];
  return generation !== undefined && ["promoted", "rekeyed", "brought-forward"].includes(what)
    ? `${what} ${generation}`
    : what;
}

/** A finding as a bar, in one of the rows for them. */
export interface Bar {
  finding: LifeFinding;
  from: number;
  /** Undefined while it stands. */
  to?: number;
  row: number;
}

const MOST_ROWS = 4;

/**
 * Findings as bars, those that stood at the same time below each other.
 *
 * @returns the oldest first; beyond the most rows, they lie over each other in the last
 */
export function barsOf(findings: readonly LifeFinding[]): Bar[] {
  const ends: number[] = [];
  return findings
    .filter(({ since }) => since > 0)
    .toSorted((one, other) => one.since - other.since)
    .map((finding) => {
      const { since, endedAt } = finding;
      const free = ends.findIndex((end) => end <= since);
      const row = Math.min(free < 0 ? ends.length : free, MOST_ROWS - 1);
      ends[row] = Math.max(ends[row] ?? 0, endedAt ?? Number.POSITIVE_INFINITY);
      return { finding, from: since, row, ...(endedAt !== undefined && { to: endedAt }) };
    });
}

/**
 * Which of the labels on a line are written: of those that would lie over each other, the last one, unless `isFirst` says
 * otherwise.
 *
 * @param places where each begins and how wide it is, in any unit; undefined of one that is not to be written
 * @param isFirst whose label is written before others'
 * @returns indices
 */
export function labelsThatFit(
  places: readonly ({ x: number; width: number } | undefined)[],
  isFirst: (index: number) => boolean = () => false,
): Set<number> {
  const order = places.map((_, index) => index).sort((a, b) => Number(isFirst(b)) - Number(isFirst(a)) || b - a);
  const fit = new Set<number>();
  for (const index of order) {
    const one = places[index];
    if (one === undefined) continue;
    const isOver = [...fit].some((taken) => {
      const other = places[taken];
      return other !== undefined && one.x < other.x + other.width && other.x < one.x + one.width;
    });
    if (!isOver) fit.add(index);
  }
  return fit;
}
