import { MOST_SAMPLES, type SampleMark, type SamplesDocument } from "../../../wire/life.ts";
import type { Span } from "./windows.ts";

/** A sample may come so much later than the time that it bears, when its writing was tried several times. */
const LATE_MS = 15_000;

/**
 * From when on samples are asked for: those that may be new since some were read.
 *
 * @param from where the window begins that is shown
 */
export function askedFrom(have: SamplesDocument | undefined, from: number, now: number): number {
  const newest = have?.samples.at(-1)?.at;
  // One that bears a time to come must not hide those of now.
  return newest === undefined ? from : Math.max(from, Math.min(newest, now) - LATE_MS);
}

/** What there was and what was read since, each once, the oldest first; of the window that is shown, and no more than are read at once. */
export function added(have: SamplesDocument, read: SamplesDocument, { from }: Pick<Span, "from">): SamplesDocument {
  const all = merged(have.samples, read.samples).filter(({ at }) => at >= from);
  return {
    ...{ from, to: read.to, samples: all.slice(-MOST_SAMPLES) },
    isCut: (have.isCut && from < (all[0]?.at ?? from)) || all.length > MOST_SAMPLES,
  };
}

function merged(one: readonly SampleMark[], other: readonly SampleMark[]): SampleMark[] {
  const all = new Map([...one, ...other].map((sample) => [`${sample.at} ${sample.generation}`, sample]));
  return [...all.values()].sort((a, b) => a.at - b.at);
}
