import {
  demandWriter,
  LOOKED_AT_FOR_EACH,
  type SampleRead,
  sampleFrom,
  type TimeSeries,
  type Writer,
} from "./time-series.ts";

export interface FakeTimeSeries extends TimeSeries {
  write(id: string, ec2InstanceId: string, sample: SampleRead): void;
  /** As the store's own expiry: what bears an earlier time is gone. */
  expire(before: number): void;
  /** All that lies there, also what is no sample. */
  everything(): SampleRead[];
}

/** A time series in memory, in which anything may be written. */
export function fakeTimeSeries(): FakeTimeSeries {
  /** By host and ID, the oldest first. */
  const partitions = new Map<string, SampleRead[]>();
  const partitionOf = ({ id, ec2InstanceId }: Writer) => partitions.get(`${ec2InstanceId} ${id}`) ?? [];

  const read: TimeSeries["read"] = async ({ from, to, limit, ...who }) => {
    const samples = partitionOf(who);
    const lying: SampleRead[] = [];
    for (let index = placeOf(samples, to + 1) - 1; lying.length < limit * LOOKED_AT_FOR_EACH; index -= 1) {
      const sample = samples[index];
      if (sample === undefined || sample.timeMs < from) break;
      lying.push(sample);
    }
    return lying.flatMap((sample) => sampleFrom(sample) ?? []).slice(0, limit);
  };

  return {
    write(id, ec2InstanceId, sample) {
      const samples = partitionOf({ id, ec2InstanceId });
      const place = placeOf(samples, sample.timeMs);
      // What bears the same time lies in the same place.
      samples.splice(place, samples[place]?.timeMs === sample.timeMs ? 1 : 0, { ...sample });
      partitions.set(`${ec2InstanceId} ${id}`, samples);
    },

    expire(before) {
      for (const samples of partitions.values()) samples.splice(0, placeOf(samples, before));
    },

    everything: () => [...partitions.values()].flat(),

    read,

    async newest(who, window) {
      for (const one of who) demandWriter(one);
      const times = await Promise.all(
        who.map(async (one) =>
          (await read({ ...one, ...window, limit: 1 })).map(({ timeMs }) => [one.id, timeMs] as const),
        ),
      );
      return new Map(times.flat());
    },

    hasAny: async ({ from, ...who }) => (partitionOf(who).at(-1)?.timeMs ?? Number.NEGATIVE_INFINITY) >= from,
  };
}

/** Where in the order of their times a sample of that time lies, or would lie; most are the newest. */
function placeOf(samples: readonly SampleRead[], timeMs: number): number {
  let place = samples.length;
  while (place > 0 && (samples[place - 1]?.timeMs ?? 0) >= timeMs) place -= 1;
  return place;
}
