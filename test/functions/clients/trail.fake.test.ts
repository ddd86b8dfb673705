import { expect, test } from "vitest";
import { fakeTrail } from "../../../functions/clients/trail.fake.ts";
import { NOW } from "../support.ts";
import { trailSuite } from "./trail.suite.ts";

const REGION = "us-east-1";
const ROLE = "arn:aws:iam::000000000000:role/deploy";

trailSuite(() => {
  const trail = fakeTrail();
  let keys = 0;
  const used = (count: number, call: { source: string; name: string; role?: string }) => {
    keys += 1;
    const accessKeyId = `AKIA${String(keys).padStart(16, "0")}`;
    for (let n = 0; n < count; n += 1) {
      const made = {
        id: `${keys}-${n}`,
        at: Date.now() - n * 100,
        address: "198.51.100.7",
        region: REGION,
        accessKeyId,
      };
      trail.made.push({ ...made, ...call });
    }
    return { accessKeyId, ...call };
  };
  return {
    trail,
    region: REGION,
    call: async (count) => used(count, { source: "iam.amazonaws.com", name: "ListUsers" }),
    assume: async () => ({ ...used(1, { source: "sts.amazonaws.com", name: "AssumeRole", role: ROLE }), role: ROLE }),
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
