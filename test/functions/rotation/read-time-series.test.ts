import { expect, test } from "vitest";
import { readTimeSeries } from "../../../functions/rotation/read-time-series/step.ts";
import { verifyHash } from "../../../functions/rotation/verify-hash/step.ts";
import { controlPlane, EC2, hex64Of, ID, INTERVAL_MS, NOW, OTHER_EC2, SKEW_MS } from "../support.ts";

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
  for (let n = 0; n < 250; n += 1) {
    plane.timeSeries.write(ID, EC2, { timeMs: NOW - n, generation: 1, hash: hex64Of("forged") });
  }
  const { samples } = await readTimeSeries(validated, plane);
  expect(samples).toHaveLength(200);
  expect(samples.at(-1)?.timeMs).toBe(NOW - 199);
});

test("what bears a time to come takes no honest sample's place", async () => {
  const plane = await controlPlane();
  const honest = [0, 1, 2].map((n) => plane.instance.sampleAt(NOW - n * INTERVAL_MS));
  for (const sample of honest) plane.timeSeries.write(ID, EC2, sample);
  // A clock that was a day ahead, and somebody who writes as fast as he can.
  for (let n = 1; n <= 300; n += 1) plane.timeSeries.write(ID, EC2, plane.instance.sampleAt(NOW + SKEW_MS + n * 1000));
  expect(await readTimeSeries(validated, plane)).toEqual({ samples: honest });
});

test("what has not the form of a sample is passed over, and the rotation goes on with the others", async () => {
  const plane = await controlPlane();
  const honest = plane.instance.sampleAt(NOW - INTERVAL_MS);
  plane.timeSeries.write(ID, EC2, honest);
  const { hash } = honest;
  for (const timeMs of [NOW - 0.5, NOW - 1e-3]) plane.timeSeries.write(ID, EC2, { timeMs, generation: 1, hash });
  for (const generation of [0, -1, 1.5, 2 ** 53, Number.NaN]) {
    plane.timeSeries.write(ID, EC2, { timeMs: NOW - 2, generation, hash });
  }
  expect(await readTimeSeries(validated, plane)).toEqual({ samples: [honest] });
});

test("a page full of forged times to come hides neither the forger nor the proofs of now", async () => {
  const plane = await controlPlane();
  const honest = [0, 1, 2].map((n) => plane.instance.sampleAt(NOW - n * INTERVAL_MS));
  for (const sample of honest) plane.timeSeries.write(ID, EC2, sample);
  const forged = { generation: 1, hash: hex64Of("forged") };
  for (let n = 1; n <= 300; n += 1) plane.timeSeries.write(ID, EC2, { timeMs: NOW + n, ...forged });
  const { samples } = await readTimeSeries(validated, plane);
  expect(samples.slice(1)).toEqual(honest);
  expect(samples[0]?.timeMs).toBeGreaterThan(NOW);
  expect(await verifyHash({ ...validated, samples }, plane)).toMatchObject({ verdict: "CONFLICT" });
});
