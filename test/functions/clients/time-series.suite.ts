import { randomBytes } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inBothSeries } from "../../../functions/clients/time-series.both.ts";
import type { SampleRead, TimeSeries } from "../../../functions/clients/time-series.ts";
import { hex64Of } from "../support.ts";
import { eventually } from "./eventually.ts";

/** A time series, and how an instance writes to it. */
export interface WrittenSeries {
  timeSeries: TimeSeries;
  /** Writes what an instance writes; the hash may have any form. */
  write(id: string, ec2InstanceId: string, sample: SampleRead): void | Promise<void>;
}

/** Samples that lie half in the one and half in the other, by their times. */
export function inBoth(one: WrittenSeries, other: WrittenSeries): WrittenSeries {
  return {
    timeSeries: inBothSeries(one.timeSeries, other.timeSeries),
    write: (id, ec2InstanceId, sample) => (sample.timeMs % 2 === 0 ? one : other).write(id, ec2InstanceId, sample),
  };
}

/** What every time series does; `makeSeries` is called once. */
export function timeSeriesSuite(makeSeries: () => WrittenSeries | Promise<WrittenSeries>): void {
  let series: WrittenSeries;
  let id: string;
  let ec2InstanceId: string;
  // Timestream refuses what is too old; a moment in the last minutes serves all. An even one, so that of samples in two
  // stores each lies in the same one every time.
  const start = 2 * Math.floor(Date.now() / 2) - 600_000;

  beforeAll(async () => {
    series = await makeSeries();
  });
  beforeEach(() => {
    id = randomBytes(3).toString("hex");
    ec2InstanceId = `i-0${randomBytes(8).toString("hex")}`;
  });

  const sampleAt = (offset: number): SampleRead => ({
    timeMs: start + offset,
    generation: 7,
    hash: hex64Of(`${offset}`),
  });
  const read = (count: number, window: { from?: number; to?: number; limit?: number } = {}) => {
    const ask = () =>
      series.timeSeries.read({ id, ec2InstanceId, from: start, to: start + 400_000, limit: 100, ...window });
    return eventually(ask, (samples) => samples.length >= count);
  };

  test("who wrote nothing has no samples", async () => expect(await read(0)).toEqual([]));

  test("samples are read as they were written, newest first", async () => {
    for (const offset of [2000, 1, 3000]) await series.write(id, ec2InstanceId, sampleAt(offset));
    expect(await read(3)).toEqual([sampleAt(3000), sampleAt(2000), sampleAt(1)]);
  });

  test("the oldest moment asked for is included, and older ones are not", async () => {
    for (const offset of [1000, 1001, 999]) await series.write(id, ec2InstanceId, sampleAt(offset));
    const samples = await read(2, { from: start + 1000 });
    expect(samples).toEqual([sampleAt(1001), sampleAt(1000)]);
  });

  test("the latest moment asked for is included, and later ones take no place", async () => {
    for (const offset of [1000, 1001, 2000]) await series.write(id, ec2InstanceId, sampleAt(offset));
    await read(3);
    expect(await read(1, { to: start + 1000, limit: 1 })).toEqual([sampleAt(1000)]);
  });

  test("samples under two IDs of one host do not overwrite each other", async () => {
    await series.write("ffffff", ec2InstanceId, { ...sampleAt(1), generation: 9 });
    await series.write(id, ec2InstanceId, sampleAt(1));
    await series.write("000000", ec2InstanceId, { ...sampleAt(1), generation: 9 });
    expect(await read(1)).toEqual([sampleAt(1)]);
  });

  test("what is written at the same time again takes the other's place", async () => {
    // With a newer key: Timestream keeps that of the two.
    const written = [sampleAt(1), { ...sampleAt(1), generation: 8, hash: hex64Of("later") }];
    for (const sample of written) await series.write(id, ec2InstanceId, sample);
    expect(await read(1)).toEqual([written[1]]);
  });

  test("of too many, the newest are read", async () => {
    for (let offset = 0; offset < 12; offset += 1) await series.write(id, ec2InstanceId, sampleAt(offset));
    await read(12);
    expect(await read(5, { limit: 5 })).toEqual([11, 10, 9, 8, 7].map(sampleAt));
  });

  test("samples of other IDs and of other hosts are not read", async () => {
    await series.write(id, "i-0fedcba9876543210", sampleAt(1));
    await series.write("ffffff", ec2InstanceId, sampleAt(2));
    await series.write(id, ec2InstanceId, sampleAt(3));
    expect(await read(1)).toEqual([sampleAt(3)]);
  });

  test("what is no sample is passed over, and takes no sample's place", async () => {
    await series.write(id, ec2InstanceId, sampleAt(1));
    await series.write(id, ec2InstanceId, { ...sampleAt(2), hash: "'; DROP TABLE" });
    await series.write(id, ec2InstanceId, { ...sampleAt(3), hash: hex64Of("x").toUpperCase() });
    await series.write(id, ec2InstanceId, sampleAt(6));
    expect(await read(2)).toEqual([sampleAt(6), sampleAt(1)]);
    expect(await read(2, { limit: 2 })).toEqual([sampleAt(6), sampleAt(1)]);
  });

  describe("whether anything lies there", () => {
    const has = (from: number) => series.timeSeries.hasAny({ id, ec2InstanceId, from });

    test("is false where nothing was written, or under other IDs and by other hosts", async () => {
      expect(await has(start)).toBe(false);
      await series.write(id, "i-0fedcba9876543210", sampleAt(1));
      await series.write("ffffff", ec2InstanceId, sampleAt(1));
      await series.write("000000", ec2InstanceId, sampleAt(1));
      expect(await has(start)).toBe(false);
    });

    test("counts from that moment on, and what bears a time to come, too", async () => {
      await series.write(id, ec2InstanceId, sampleAt(1000));
      expect(await eventually(() => has(start + 1000), Boolean)).toBe(true);
      expect(await has(start + 1001)).toBe(false);
      // Timestream takes a time that is a quarter of an hour ahead, and not more.
      await series.write(id, ec2InstanceId, sampleAt(600_000 + 840_000));
      expect(await eventually(() => has(Date.now() + 60_000), Boolean)).toBe(true);
    });

    test("counts what is no sample", async () => {
      await series.write(id, ec2InstanceId, { ...sampleAt(1000), hash: "spoilt" });
      expect(await read(0)).toEqual([]);
      expect(await eventually(() => has(start), Boolean)).toBe(true);
    });
  });

  describe("the newest of many", () => {
    const window = { from: start, to: start + 400_000 };
    const others = (count: number) =>
      Array.from({ length: count }, () => ({
        id: randomBytes(3).toString("hex"),
        ec2InstanceId: `i-0${randomBytes(8).toString("hex")}`,
      }));
    const newest = (count: number, who: { id: string; ec2InstanceId: string }[], more: { to?: number } = {}) =>
      eventually(
        () => series.timeSeries.newest(who, { ...window, ...more }),
        ({ size }) => size >= count,
      );

    test("is given for each that has one, and who has none is left out", async () => {
      const [other = { id: "", ec2InstanceId: "" }, ...silent] = others(3);
      for (const offset of [2000, 1, 3000]) await series.write(id, ec2InstanceId, sampleAt(offset));
      await series.write(other.id, other.ec2InstanceId, sampleAt(7));
      await read(3);
      expect(await newest(2, [...silent, { id, ec2InstanceId }, other])).toEqual(
        new Map([
          [id, start + 3000],
          [other.id, start + 7],
        ]),
      );
      expect(await newest(0, silent)).toEqual(new Map());
      expect(await newest(0, [])).toEqual(new Map());
    });

    test("is that of the window, its ends included", async () => {
      const who = [{ id, ec2InstanceId }];
      for (const offset of [1000, 2000]) await series.write(id, ec2InstanceId, sampleAt(offset));
      await read(2);
      expect(await newest(1, who, { to: start + 2000 })).toEqual(new Map([[id, start + 2000]]));
      expect(await newest(1, who, { to: start + 1999 })).toEqual(new Map([[id, start + 1000]]));
      const since = (from: number) => series.timeSeries.newest(who, { ...window, from });
      expect(await since(start + 2000)).toEqual(new Map([[id, start + 2000]]));
      expect(await since(start + 2001)).toEqual(new Map());
    });

    test("is what the host itself wrote under the ID itself", async () => {
      const [other = { id: "", ec2InstanceId: "" }] = others(1);
      await series.write(id, other.ec2InstanceId, sampleAt(5));
      await series.write(other.id, ec2InstanceId, sampleAt(6));
      await series.write(other.id, other.ec2InstanceId, sampleAt(2));
      await series.write(id, ec2InstanceId, sampleAt(1));
      await read(1);
      expect(await newest(2, [{ id, ec2InstanceId }, other])).toEqual(
        new Map([
          [id, start + 1],
          [other.id, start + 2],
        ]),
      );
    });

    test("is a sample, and not what has none of its form", async () => {
      await series.write(id, ec2InstanceId, sampleAt(1));
      const hash = hex64Of("x");
      const spoilt = ["'; DROP TABLE", hash.toUpperCase(), `${hash}\n`, `${hash}0`, hash.slice(1)];
      for (const [n, one] of spoilt.entries()) await series.write(id, ec2InstanceId, { ...sampleAt(2 + n), hash: one });
      await read(1);
      expect(await newest(1, [{ id, ec2InstanceId }])).toEqual(new Map([[id, start + 1]]));
    });

    test("is found among more than are asked about at once", async () => {
      const who = others(250);
      const last = who[249] ?? { id: "", ec2InstanceId: "" };
      await series.write(last.id, last.ec2InstanceId, sampleAt(1));
      await series.write(id, ec2InstanceId, sampleAt(2));
      await read(1);
      expect(await newest(2, [{ id, ec2InstanceId }, ...who])).toEqual(
        new Map([
          [id, start + 2],
          [last.id, start + 1],
        ]),
      );
    });

    test("is not asked of what is no ID", async () => {
      const sound = { id, ec2InstanceId };
      await series.write(id, ec2InstanceId, sampleAt(1));
      for (const malformed of [{ id: "0A1B2C" }, { id: "' OR 1=1" }, { ec2InstanceId: "i-'" }]) {
        const asked = series.timeSeries.newest([sound, { ...sound, ...malformed }], window);
        await expect(asked).rejects.toThrow(/^(id|ec2InstanceId) must be /);
      }
    });
  });
}
