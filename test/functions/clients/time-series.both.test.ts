import { describe, expect, test } from "vitest";
import { inBothSeries } from "../../../functions/clients/time-series.both.ts";
import { fakeTimeSeries } from "../../../functions/clients/time-series.fake.ts";
import { EC2, hex64Of, ID, NOW } from "../support.ts";
import { inBoth, timeSeriesSuite, type WrittenSeries } from "./time-series.suite.ts";

function written(): WrittenSeries {
  const timeSeries = fakeTimeSeries();
  return { timeSeries, write: timeSeries.write };
}

describe("samples in two stores", () => timeSeriesSuite(() => inBoth(written(), written())));
describe("samples in two stores, all in the one", () =>
  timeSeriesSuite(() => {
    const { timeSeries, write } = written();
    return { timeSeries: inBothSeries(timeSeries, fakeTimeSeries()), write };
  }));
describe("samples in two stores, all in the other", () =>
  timeSeriesSuite(() => {
    const { timeSeries, write } = written();
    return { timeSeries: inBothSeries(fakeTimeSeries(), timeSeries), write };
  }));

test("each is read to its own bound, and of both together no more than was asked for", async () => {
  const stores = [fakeTimeSeries(), fakeTimeSeries()] as const;
  for (let n = 0; n < 10; n += 1) {
    for (const store of stores) store.write(ID, EC2, { timeMs: NOW + 2 * n, generation: 1, hash: hex64Of(`${n}`) });
  }
  stores[1].write(ID, EC2, { timeMs: NOW + 5, generation: 1, hash: hex64Of("other") });
  const read = (limit: number) =>
    inBothSeries(...stores).read({ id: ID, ec2InstanceId: EC2, from: NOW, to: NOW + 1000, limit });
  expect((await read(4)).map(({ timeMs }) => timeMs - NOW)).toEqual([18, 18, 16, 16]);
  expect(await read(100)).toHaveLength(21);
});

test("where one of the stores cannot be read, nothing is said of what lies in the other", async () => {
  const away = { ...fakeTimeSeries(), read: () => Promise.reject(new Error("It is away.")) };
  const window = { id: ID, ec2InstanceId: EC2, from: NOW, to: NOW + 1, limit: 1 };
  for (const both of [inBothSeries(away, fakeTimeSeries()), inBothSeries(fakeTimeSeries(), away)]) {
    await expect(both.read(window)).rejects.toThrow("It is away.");
  }
});
