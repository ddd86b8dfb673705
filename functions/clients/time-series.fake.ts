import { type SampleRead, sampleFrom, type TimeSeries } from "./time-series.ts";

/** A time series in memory. */
export function fakeTimeSeries(): TimeSeries & { write(id: string, ec2InstanceId: string, sample: SampleRead): void } {
  const samples: (SampleRead & { id: string; ec2InstanceId: string })[] = [];
  return {
    write(id, ec2InstanceId, sample) {
      samples.push({ id, ec2InstanceId, ...sampleFrom(sample) });
    },

    async read({ id, ec2InstanceId, from, limit }) {
      return samples
        .filter((sample) => sample.id === id && sample.ec2InstanceId === ec2InstanceId && sample.timeMs >= from)
        .sort((one, other) => other.timeMs - one.timeMs)
        .slice(0, limit)
        .map(({ timeMs, generation, hash }) => ({ timeMs, generation, hash }));
    },
  };
}
