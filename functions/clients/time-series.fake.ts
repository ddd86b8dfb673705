import { demandWriter, LOOKED_AT_FOR_EACH, type SampleRead, sampleFrom, type TimeSeries } from "./time-series.ts";

/** A time series in memory, in which anything may be written. */
export function fakeTimeSeries(): TimeSeries & { write(id: string, ec2InstanceId: string, sample: SampleRead): void } {
  const samples: (SampleRead & { id: string; ec2InstanceId: string })[] = [];
  const read: TimeSeries["read"] = async ({ id, ec2InstanceId, from, to, limit }) =>
    samples
      .filter((sample) => sample.id === id && sample.ec2InstanceId === ec2InstanceId)
      .filter(({ timeMs }) => timeMs >= from && timeMs <= to)
      .sort((one, other) => other.timeMs - one.timeMs)
      .slice(0, limit * LOOKED_AT_FOR_EACH)
      .flatMap((sample) => sampleFrom(sample) ?? [])
      .slice(0, limit);

  return {
    write(id, ec2InstanceId, sample) {
      // What bears the same time lies in the same place.
      const isThere = (one: (typeof samples)[number]) =>
        one.id === id && one.ec2InstanceId === ec2InstanceId && one.timeMs === sample.timeMs;
      const index = samples.findIndex(isThere);
      samples.splice(index === -1 ? samples.length : index, 1, { id, ec2InstanceId, ...sample });
    },

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

    hasAny: async ({ id, ec2InstanceId, from }) =>
      samples.some((one) => one.id === id && one.ec2InstanceId === ec2InstanceId && one.timeMs >= from),
  };
}
