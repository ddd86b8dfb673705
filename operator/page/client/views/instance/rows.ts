import type { SampleMark } from "../../../wire/life.ts";

/** The samples of an instance, by who may have written them. */
export interface Rows {
  /** What fits one writer, whose generations go forward only. */
  own: SampleMark[];
  /** Of a lower generation, after a higher one had proved itself: somebody goes on with an older key. */
  older: SampleMark[];
  /** Of a generation that its record knows nothing of. */
  ahead: SampleMark[];
}

export interface Known {
  /** When which generation was promoted. */
  turns?: readonly SampleMark[];
  /** Of the record's key; undefined where there is none. */
  generation?: number | undefined;
}

/**
 * A record may be one generation behind its instance while that turns, and one more while it is rekeyed. Whoever claims a higher one
 * must not make all that the instance itself writes look old.
 */
const MOST_AHEAD = 2;

/** Until the rhythm of an instance is known, and at the most. Milliseconds. */
const LONGEST_GRACE = 60_000;

/**
 * Whose samples are whose, as far as generations tell. An agent takes the time before it reads its key, so that one alone never
 * writes a lower generation after a higher; a clock that is set back by less than an interval does not make it two. Two who write
 * one generation cannot be told apart, by their rhythm neither: a turn, a start and a slow disk shift it, too.
 *
 * @param samples in any order
 * @returns each in the order of time
 */
export function rowsOf(samples: readonly SampleMark[], { turns = [], generation }: Known = {}): Rows {
  const inOrder = samples.toSorted((one, other) => one.at - other.at);
  const grace = Math.min(LONGEST_GRACE, rhythmOf(inOrder) ?? LONGEST_GRACE);
  const isAhead = (sample: SampleMark) => generation !== undefined && sample.generation > generation + MOST_AHEAD;
  const rows: Rows = { own: [], older: [], ahead: [] };
  const proved = [...inOrder.filter((sample) => !isAhead(sample)), ...turns].sort((one, other) => one.at - other.at);
  let next = 0;
  let highest = 0;
  for (const sample of inOrder) {
    for (let one = proved[next]; one !== undefined && one.at < sample.at - grace; one = proved[++next]) {
      highest = Math.max(highest, one.generation);
    }
    const row = isAhead(sample) ? rows.ahead : sample.generation < highest ? rows.older : rows.own;
    row.push(sample);
  }
  return rows;
}

/** How long it is from one sample to the next, mostly; undefined where there are too few to tell. */
export function rhythmOf(inOrder: readonly SampleMark[]): number | undefined {
  const gaps = inOrder.slice(1).map(({ at }, index) => at - (inOrder[index]?.at ?? at));
  return gaps.length < 2 ? undefined : gaps.sort((one, other) => one - other)[Math.floor(gaps.length / 2)];
}

/** The generations of samples, the newest first, each with how many there are. */
export function generationsOf(samples: readonly SampleMark[]): [generation: number, count: number][] {
  const counts = new Map<number, number>();
  for (const { generation } of samples) counts.set(generation, (counts.get(generation) ?? 0) + 1);
  return [...counts].sort(([one], [other]) => other - one);
}
