import type { Around, Bounds } from "./bounds.ts";
import { generationOf, type Key, type State } from "./state.ts";

/** The mark of a sample that was written before a promotion, or shortly after. */
const EARLY = "e";
/** The mark of one whose time is taken, and which has not arrived yet. */
const ON_ITS_WAY = "~";

/** Where no more have room, the oldest is older than the window. */
export function withSample(state: State, sample: string, { samples }: Pick<Bounds, "samples">): State {
  return { ...state, samples: [...state.samples, sample].slice(-samples) };
}

/** The samples in the series, and who writes them. */
export function sampleSteps(state: State, { bounds, emit }: Around): void {
  if (bounds.samples === 0) return;
  const { samples, file } = state;
  const late = samples.findIndex((sample) => sample.endsWith(ON_ITS_WAY));
  if (file !== "" && samples.at(-1) !== file) emit(`The agent proves ${file}.`, withSample(state, file, bounds));
  if (file !== "" && late === -1) {
    emit(
      `The agent takes the time and reads ${file}; its sample is on its way.`,
      withSample(state, `${file}${ON_ITS_WAY}`, bounds),
    );
  }
  if (late !== -1) {
    const arrived = samples.map((sample, n) => (n === late ? sample.slice(0, -1) : sample));
    emit("A sample arrives late.", { ...state, samples: arrived });
  }
  if (samples.length > 0)
    emit("Time goes by: the oldest sample is older than the window.", { ...state, samples: samples.slice(1) });
  if (state.forged < bounds.forgedSamples) {
    const forged = (sample: Key) => ({ ...withSample(state, sample, bounds), forged: state.forged + 1 });
    const { current } = state;
    const generation = generationOf(current);
    emit("Somebody forges a sample of the current generation.", forged(`x${generation}`));
    emit("Somebody forges a sample of a later generation.", forged(`x${generation + 2}`));
    if (generation > 1) emit("A clone proves its older key.", forged(`${current.slice(0, -1)}${generation - 1}`));
  }
}

/** Of a promotion: what was written until then is early. */
export function early(samples: string[]): string[] {
  return samples.map((sample) => {
    const isOnItsWay = sample.endsWith(ON_ITS_WAY);
    const known = isOnItsWay ? sample.slice(0, -1) : sample;
    return `${known.endsWith(EARLY) ? known : `${known}${EARLY}`}${isOnItsWay ? ON_ITS_WAY : ""}`;
  });
}

/** Those that can be read. */
export const arrived = (samples: string[]): string[] => samples.filter((sample) => !sample.endsWith(ON_ITS_WAY));

export interface Judgement {
  verdict: "SUPERSEDED" | "STALE" | "MISMATCH" | "CONFLICT" | "MATCH_PENDING" | "MATCH";
  /** Of a mismatch: the highest generation above all that the record knows. */
  claimed?: number;
}

/**
 * The verdict: functions/rotation/verify-hash/judge.ts, of samples that are all fresh.
 *
 * @param samples oldest first, all of which have arrived
 * @param excuses whether earlier generations are excused
 */
export function judge(
  samples: string[],
  { current, pending, rekey, agreed }: Pick<State, "current" | "pending" | "rekey" | "agreed">,
  excuses = true,
): Judgement {
  const known = Math.max(generationOf(current), generationOf(pending), rekey);
  const read = samples.map((sample, at) => {
    const isEarly = sample.endsWith(EARLY);
    return { at, isEarly, key: isEarly ? sample.slice(0, -1) : sample };
  });
  const judged = read.filter(({ key, isEarly }) => !(excuses && isEarly && generationOf(key) < generationOf(current)));
  const at = (proved: Key) => (proved === "" ? [] : judged.filter(({ key }) => key === proved).map((one) => one.at));
  const currentAt = at(current);
  const turnedAt = [...at(pending), ...at(agreed)];
  const rekeyAt = at(agreed);
  const proofs = [...currentAt, ...turnedAt];
  const mendedAt = rekeyAt.length > 0 ? Math.min(...rekeyAt) : -1;
  const failed = judged.filter((one) => !proofs.includes(one.at) && one.at >= mendedAt);
  if (samples.length === 0) return { verdict: "STALE" };
  if (judged.length === 0) return { verdict: "SUPERSEDED" };
  if (failed.length > 0 && failed[0]!.at > Math.max(-1, ...proofs)) {
    const claimed = Math.max(...failed.map(({ key }) => generationOf(key)));
    return { verdict: "MISMATCH", ...(claimed > known && { claimed }) };
  }
  if (failed.length > 0) return { verdict: "CONFLICT" };
  if (turnedAt.length > 0 && Math.max(-1, ...currentAt) > Math.min(...turnedAt)) return { verdict: "CONFLICT" };
  return { verdict: turnedAt.length > 0 ? "MATCH_PENDING" : "MATCH" };
}
