import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type InstanceCredentials, instanceMetadata } from "../../agent/metadata.ts";
import { registrationAt } from "../../agent/registration/call.ts";
import { clockTrouble } from "../../agent/registration/clock-trouble.ts";
import { FakeAws } from "./fakes/aws.ts";
import { HandClock } from "./fakes/hand-clock.ts";

const REQUEST = { id: "0a1b2c", ip: "10.0.0.1", flag: "update" } as const;
const FORBIDDEN = { status: 403, body: '{"Message":"Forbidden"}' };

let aws: FakeAws;
beforeEach(async () => {
  aws = new FakeAws();
  await aws.start();
});
afterEach(() => aws.close());

/** The registration function, for an agent whose clock is so many milliseconds ahead. */
function registration(aheadMs = 0) {
  const metadata = instanceMetadata(aws.endpoint, new HandClock());
  const url = new URL("/_function-url/registration/", aws.endpoint);
  const call = registrationAt(
    url,
    async () => "us-east-1",
    metadata,
    () => Date.now() + aheadMs,
  );
  return () => call(REQUEST);
}

describe("a call that is answered with 403", () => {
  test("is made with new credentials the next time: the instance profile may be another one", async () => {
    const register = registration();
    aws.registry.instead.push(FORBIDDEN);
    expect(await register()).toMatchObject({ kind: "unavailable", sentence: expect.stringContaining("profile") });
    aws.metadata.accessKeyId = "ASIAANOTHER";
    await register();
    await register();
    expect(aws.registry.callers).toEqual(["ASIAEXAMPLE", "ASIAANOTHER", "ASIAANOTHER"]);
    expect(aws.metadata.credentialsGiven).toBe(2);
  });

  test("is not made with the refused credentials again when there are none any more", async () => {
    const register = registration();
    aws.registry.instead.push(FORBIDDEN);
    await register();
    aws.metadata.withheld = "AssumeRoleUnauthorizedAccess";
    expect(await register()).toMatchObject({ sentence: expect.stringContaining("EC2 may not assume the role") });
    expect(aws.registry.callers).toHaveLength(1);
  });

  test.each([
    [2 * 3_600_000 + 90_000, /clock is 2 h 1 min ahead of that/],
    [-26 * 3_600_000 - 90_000, /clock is 1 d 2 h behind that/],
    [-5.5 * 60_000, /clock is 5 min (\d+ s )?behind that/],
  ])("since the clock is %i ms ahead says so, and by how much", async (aheadMs, told) => {
    aws.registry.instead.push(FORBIDDEN);
    const answer = await registration(aheadMs)();
    expect(answer).toMatchObject({ kind: "unavailable", sentence: expect.stringMatching(told) });
    expect(answer).toMatchObject({ sentence: expect.not.stringContaining("profile") });
  });

  test("does not speak of a clock that is less than five minutes off", async () => {
    aws.registry.instead.push(FORBIDDEN);
    expect(await registration(4 * 60_000)()).toMatchObject({ sentence: expect.stringContaining("profile") });
  });
});

test("the time in a signature is this instance's", async () => {
  await registration(-86_400_000)();
  const [signedAt = ""] = aws.registry.signedAt;
  const signed = Date.parse(signedAt.replace(/(....)(..)(..T..)(..)(..Z)/, "$1-$2-$3:$4:$5"));
  expect(Math.abs(Date.now() - 86_400_000 - signed)).toBeLessThan(60_000);
});

describe("a refused signature whose answer bears no time", () => {
  test.each([
    '{"message":"Signature expired: 20261127T020000Z is now earlier than 20261127T021000Z (20261127T021500Z - 5 min.)"}',
    '{"message":"Signature not yet current: 20261127T020000Z is still later than 20261127T013000Z"}',
    '{"__type":"RequestTimeTooSkewed"}',
  ])("is the clock's when it says so: %s", (body) => {
    expect(clockTrouble(body, undefined, 0)).toContain("clock is minutes away from that of AWS");
  });

  test("is another matter otherwise", () => {
    expect(clockTrouble('{"Message":"Forbidden"}', undefined, 0)).toBeUndefined();
    expect(clockTrouble("", "not a date", 0)).toBeUndefined();
  });
});

test("credentials that are refused are not given once more without asking", async () => {
  const metadata = instanceMetadata(aws.endpoint, new HandClock());
  const first: InstanceCredentials = await metadata.credentials();
  expect(await metadata.credentials()).toBe(first);
  const second = await metadata.credentials(first);
  expect(second).not.toBe(first);
  expect(await metadata.credentials(first)).toBe(second);
});
