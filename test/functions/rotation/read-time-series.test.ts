import { expect, test } from "vitest";
import { readTimeSeries } from "../../../functions/rotation/read-time-series/step.ts";
import { controlPlane, EC2, ID, INTERVAL_MS, NOW, OTHER_EC2 } from "../support.ts";

const validated = { id: ID, ec2InstanceId: EC2, generation: 1 };

test("samples of the last ten intervals are read, newest first", async () => {
  const plane = await controlPlane();
  const tenIntervalsAgo = NOW - 10 * INTERVAL_MS;
  for (const timeMs of [tenIntervalsAgo, NOW, tenIntervalsAgo - 1, NOW - 5]) {
    plane.timeSeries.write(ID, EC2, plane.instance.sampleAt(timeMs));
  }
  const { samples } = await readTimeSeries(validated, plane);
  expect(samples.map((sample) => sample.timeMs)).toEqual([NOW, NOW - 5, tenIntervalsAgo]);
});

test("samples of other instances, and of another host under this ID, are not read", async () => {
  const plane = await controlPlane();
  plane.timeSeries.write("ffffff", EC2, plane.instance.sampleAt(NOW));
  plane.timeSeries.write(ID, OTHER_EC2, plane.instance.sampleAt(NOW));
  expect(await readTimeSeries(validated, plane)).toEqual({ samples: [] });
});

test("of a flood, only the newest 200 are read", async () => {
  const plane = await controlPlane();
  for (let n = 0; n < 250; n += 1) plane.timeSeries.write(ID, EC2, { timeMs: NOW - n, generation: 1, hash: "" });
  const { samples } = await readTimeSeries(validated, plane);
  expect(samples).toHaveLength(200);
  expect(samples.at(-1)?.timeMs).toBe(NOW - 199);
});
