import { expect, test } from "vitest";
import { fakeTrail } from "../../../functions/clients/trail.fake.ts";
import { NOW } from "../support.ts";
import { trailSuite } from "./trail.suite.ts";

const REGION = "us-east-1";

trailSuite(() => {
  const trail = fakeTrail();
  let keys = 0;
  return {
    trail,
    region: REGION,
    async call(count) {
      keys += 1;
      const accessKeyId = `AKIA${String(keys).padStart(16, "0")}`;
      const what = { source: "iam.amazonaws.com", name: "ListUsers" };
      for (let n = 0; n < count; n += 1) {
        const made = { id: `${keys}-${n}`, at: Date.now() - n * 100, address: "198.51.100.7", region: REGION };
        trail.made.push({ ...made, ...what, accessKeyId });
      }
      return { accessKeyId, ...what };
    },
  };
});

test("CloudTrail in memory has a call when it is said to, in its Region, and fails when it is told to", async () => {
  const clock = { at: NOW };
  const trail = fakeTrail(() => clock.at);
  const accessKeyId = "AKIAIOSFODNN7EXAMPLE";
  const call = { id: "1", at: NOW, source: "iam.amazonaws.com", name: "ListUsers", address: "198.51.100.7" };
  trail.made.push({ ...call, accessKeyId, region: REGION, seenAt: NOW + 5 });
  const asked = { accessKeyId, region: REGION, from: NOW - 1000, to: NOW + 1000 };
  expect(await trail.calls(asked)).toEqual({ events: [] });
  clock.at += 5;
  expect(await trail.calls(asked)).toEqual({ events: [call] });
  expect(await trail.calls({ ...asked, region: "eu-west-1" })).toEqual({ events: [] });
  trail.failing.set(REGION, new Error("away"));
  await expect(trail.calls(asked)).rejects.toThrow("away");
});
