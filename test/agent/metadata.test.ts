import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { whoAmI } from "../../agent/commands/run.ts";
import { instanceMetadata, type Metadata } from "../../agent/metadata.ts";
import { FakeAws } from "./fakes/aws.ts";
import { HandClock } from "./fakes/hand-clock.ts";
import { FakeLog } from "./fakes/parts.ts";

let aws: FakeAws;
let clock: HandClock;
let metadata: Metadata;

beforeEach(async () => {
  aws = new FakeAws();
  await aws.start();
  clock = new HandClock();
  metadata = instanceMetadata(aws.endpoint, clock);
});
afterEach(() => aws.close());

describe("the metadata service", () => {
  test("tells who, where and as whom", async () => {
    expect(await metadata.ec2InstanceId()).toBe("i-0123456789abcdef0");
    expect(await metadata.ip()).toBe("10.0.0.1");
    expect(await metadata.region()).toBe("us-east-1");
    expect(await metadata.partition()).toBe("aws");
    expect(await metadata.accountId()).toBe("000000000000");
    expect(await metadata.credentials()).toMatchObject({ accessKeyId: "ASIAEXAMPLE", sessionToken: "example-session" });
  });

  test("that has forgotten the token is asked for a new one", async () => {
    await metadata.ip();
    aws.metadata.forgetTokens();
    expect(await metadata.ip()).toBe("10.0.0.1");
  });

  test("is asked for a new token before the one at hand ends, however the clock is set", async () => {
    await metadata.ip();
    clock.setBy(-86_400_000);
    await clock.advance(6 * 3_600_000);
    await metadata.ip();
    expect(aws.metadata.tokensGiven).toBe(2);
    clock.setBy(2 * 86_400_000);
    await metadata.ip();
    expect(aws.metadata.tokensGiven).toBe(2);
  });

  test("is asked for credentials again only shortly before they end", async () => {
    aws.metadata.expiration = new Date(clock.now() + 3_600_000);
    await metadata.credentials();
    await clock.advance(3_000_000);
    await metadata.credentials();
    expect(aws.metadata.credentialsGiven).toBe(1);
    await clock.advance(400_000);
    await metadata.credentials();
    expect(aws.metadata.credentialsGiven).toBe(2);
  });

  test("may be away while the credentials at hand still serve", async () => {
    aws.metadata.expiration = new Date(clock.now() + 3_600_000);
    const known = await metadata.credentials();
    aws.metadata.reachable = false;
    await clock.advance(3_500_000);
    expect(await metadata.credentials()).toEqual(known);
    await clock.advance(200_000);
    await expect(metadata.credentials()).rejects.toThrow(/HTTP 503/);
  });

  test.each([
    ["AssumeRoleUnauthorizedAccess", "EC2 may not assume the role KeyturnInstance of this instance's profile"],
    ["InstanceProfileNotFound", "no credentials of the role KeyturnInstance (InstanceProfileNotFound)"],
    ["<a page>\nof a proxy", "no credentials of the role KeyturnInstance. Check"],
  ])("that answers %s in place of credentials is told in words of its own", async (code, sentence) => {
    aws.metadata.withheld = code;
    await expect(metadata.credentials()).rejects.toThrow(sentence);
  });

  test("that does not listen is an error with its address, not an absence", async () => {
    const { endpoint } = aws;
    await aws.close();
    await expect(metadata.ip()).rejects.toThrow(`PUT ${endpoint.origin}/latest/api/token failed: connect ECONNREFUSED`);
  });
});

test("the metadata service is reached by IPv6, too", async ({ skip }) => {
  const server = createServer((_, answer) => answer.end("i-0123456789abcdef0"));
  await new Promise<void>((resolve) => server.on("error", () => resolve()).listen(0, "::1", resolve));
  skip(!server.listening, "there is no IPv6 on this machine");
  const { port } = server.address() as AddressInfo;
  try {
    const reached = instanceMetadata(new URL(`http://[::1]:${port}`), clock);
    expect(await reached.ec2InstanceId()).toBe("i-0123456789abcdef0");
  } finally {
    server.close();
  }
});

describe("at boot", () => {
  test("the metadata service is asked again until it answers", async () => {
    aws.metadata.reachable = false;
    const asked = whoAmI(impatient(), clock, () => 0.5, new FakeLog(), new AbortController().signal);
    await clock.advance(5_000);
    answers = "i-0123456789abcdef0";
    await clock.advance(10_000);
    expect(await asked).toBe("i-0123456789abcdef0");
  });

  test("it is asked for a minute, however the clock is set meanwhile", async () => {
    let ended = false;
    const asked = whoAmI(impatient(), clock, () => 0.5, new FakeLog(), new AbortController().signal);
    const refused = expect(asked.finally(() => (ended = true))).rejects.toThrow("cannot be used");
    await clock.advance(5_000);
    clock.setBy(86_400_000);
    await clock.advance(30_000);
    expect(ended).toBe(false);
    clock.setBy(-2 * 86_400_000);
    await clock.advance(45_000);
    await refused;
  });

  test("a minute without it is the end, which is said", async () => {
    const log = new FakeLog();
    const asked = whoAmI(impatient(), clock, () => 0.5, log, new AbortController().signal);
    const ended = expect(asked).rejects.toThrow(/metadata service cannot be used: not there/);
    await clock.advance(80_000);
    await ended;
    expect(log.lines.length).toBeGreaterThan(5);
  });

  let answers: string | undefined;
  beforeEach(() => {
    answers = undefined;
  });

  /** A metadata service that needs no network, so that the clock alone decides. */
  function impatient(): Metadata {
    return {
      ...metadata,
      async ec2InstanceId() {
        if (answers === undefined) throw new Error("not there");
        return answers;
      },
    };
  }
});
