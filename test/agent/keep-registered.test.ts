import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { instanceMetadata } from "../../agent/metadata.ts";
import { registrationAt } from "../../agent/registration/call.ts";
import { keepRegistered, type Registering } from "../../agent/registration/keep-registered.ts";
import { openIdentity } from "../../agent/state/boot.ts";
import { VERSION } from "../../agent/version.ts";
import { FakeAws } from "./fakes/aws.ts";
import { CrashingDisk } from "./fakes/crashing-disk.ts";
import { HandClock } from "./fakes/hand-clock.ts";
import { EC2_INSTANCE_ID, FakeLog, FakeProgress, fakeLock, PLACES, seededBytes } from "./fakes/parts.ts";

let aws: FakeAws;
let clock: HandClock;
let log: FakeLog;
let progress: FakeProgress;
let disk: CrashingDisk;
let stop: AbortController;
let loop: Promise<void>;
let intervals: number[];
let registering: Registering;

beforeEach(async () => {
  aws = new FakeAws();
  await aws.start();
  clock = new HandClock();
  log = new FakeLog();
  progress = new FakeProgress();
  disk = CrashingDisk.with({});
  intervals = [];
});

afterEach(async () => {
  stop.abort();
  await loop;
  await aws.close();
});

/** Starts the loop, as the daemon does at boot. */
async function boot(): Promise<void> {
  const state = { disk, places: PLACES, lock: fakeLock(), random: seededBytes("agent"), log };
  const identity = await openIdentity(state, EC2_INSTANCE_ID);
  const metadata = instanceMetadata(aws.endpoint, clock);
  const url = new URL("/_function-url/registration/", aws.endpoint);
  stop = new AbortController();
  registering = keepRegistered(
    {
      ...state,
      metadata,
      clock,
      progress,
      register: registrationAt(url, async () => "us-east-1", metadata),
      fraction: () => 0.5,
      onRegistered: async ({ sampleIntervalSeconds }) => void intervals.push(sampleIntervalSeconds),
    },
    identity,
  );
  loop = registering.run(stop.signal);
  await resting();
}

/** Until the loop sleeps again. */
async function resting(): Promise<void> {
  await vi.waitFor(() => expect(clock.nextIn).toBeDefined(), { timeout: 5_000, interval: 2 });
}

async function pass(ms: number): Promise<void> {
  await clock.advance(ms);
  await resting();
}

const identityOnDisk = async () => JSON.parse((await disk.read(PLACES.identity)) ?? "null");
const keyOnDisk = async () => JSON.parse((await disk.read(PLACES.key)) ?? "null");
const refused = (reason: string) => ({ status: 200, body: JSON.stringify({ registered: false, reason }) });

describe("registration", () => {
  test("at the first boot agrees the key, and hands the interval on", async () => {
    aws.registry.sampleIntervalSeconds = 5;
    await boot();
    const { id } = await identityOnDisk();
    expect((await keyOnDisk()).key).toBe(aws.registry.entries.get(id)?.key);
    expect(intervals).toEqual([5]);
    expect(clock.nextIn).toBe(5_000);
    expect(progress.state).toMatchObject({ ip: "10.0.0.1", registeredAt: clock.now() });
  });

  test("whose answer was lost is made again, with the same ID and public key", async () => {
    aws.registry.instead.push("drop");
    await boot();
    await pass(500);
    const [first, second] = aws.registry.requests;
    expect(second).toEqual(first);
    const { id } = await identityOnDisk();
    expect((await keyOnDisk()).key).toBe(aws.registry.entries.get(id)?.key);
  });

  test("of an ID that another one has draws another, stored before it is told", async () => {
    aws.registry.instead.push(refused("ID_TAKEN"));
    await boot();
    await pass(0);
    const [first, second] = aws.registry.requests;
    expect(second?.id).not.toBe(first?.id);
    expect(second?.publicKey).not.toBe(first?.publicKey);
    expect((await identityOnDisk()).id).toBe(second?.id);
    expect((await keyOnDisk()).id).toBe(second?.id);
  });

  test("backs off with jitter while AWS is away, up to a minute, and goes on when it is back", async () => {
    aws.registry.instead.push(...Array.from({ length: 8 }, () => ({ status: 503, body: "" })));
    await boot();
    const waits: number[] = [];
    while (intervals.length === 0) {
      waits.push(clock.nextIn ?? 0);
      await pass(clock.nextIn ?? 0);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(progress.state.trouble).toBeUndefined();
  });

  test("is tried again soon when it is throttled or the instance profile is not known yet", async () => {
    aws.registry.instead.push({ status: 429, body: "" }, { status: 403, body: '{"Message":"Forbidden"}' });
    await boot();
    await pass(500);
    expect(progress.state.trouble).toMatch(/does not take this host for an instance of the fleet/);
    await pass(1_000);
    expect(intervals).toHaveLength(1);
  });

  test("goes on when the metadata service comes back", async () => {
    aws.metadata.reachable = false;
    await boot();
    expect(log.lines.at(-1)).toMatch(/Not registered: The metadata service gave no token \(HTTP 503\)/);
    aws.metadata.reachable = true;
    await pass(500);
    expect(intervals).toHaveLength(1);
  });

  test("that is malformed in the function's eyes names the field and is left to a person", async () => {
    aws.registry.instead.push({ status: 400, body: '{"error":"not an address","field":"ip"}' });
    await boot();
    expect(log.lines.at(-1)).toMatch(/^error .*malformed \(field ip\)/);
    expect(clock.nextIn).toBe(300_000);
  });

  test("without a first key in the answer is not taken for one", async () => {
    const answer = { registered: true, generation: 1, sampleIntervalSeconds: 60 };
    aws.registry.instead.push({ status: 200, body: JSON.stringify(answer) });
    await boot();
    expect(await keyOnDisk()).toBeNull();
    expect(log.lines.at(-1)).toMatch(/without agreeing a first key/);
  });

  test.each([2, 7])("of a new instance at generation %i is not taken as agreed, which is said", async (generation) => {
    const answer = { registered: true, generation, serverPublic: "09".repeat(32), sampleIntervalSeconds: 60 };
    aws.registry.instead.push({ status: 200, body: JSON.stringify(answer) });
    await boot();
    expect(await keyOnDisk()).toBeNull();
    expect((await identityOnDisk()).privateKey).toBeDefined();
    expect(progress.state.trouble).toContain(`as new, but at generation ${generation}`);
    expect(clock.nextIn).toBe(300_000);
  });
});

describe("after registration", () => {
  test("a changed address is registered as an update, an unchanged one is not", async () => {
    await boot();
    await pass(60_000);
    expect(aws.registry.requests).toHaveLength(1);
    aws.metadata.ip = "10.0.0.99";
    await pass(60_000);
    const { id } = await identityOnDisk();
    expect(aws.registry.requests.slice(1)).toEqual([
      { id, ip: "10.0.0.99", agentVersion: VERSION, flag: "update", signed: true },
    ]);
    expect(aws.registry.entries.get(id)?.ip).toBe("10.0.0.99");
    await pass(60_000);
    expect(aws.registry.requests).toHaveLength(2);
  });

  test("an instance without IPv4 registers its IPv6 address", async () => {
    aws.metadata.ip = undefined;
    await boot();
    expect(aws.registry.requests[0]?.ip).toBe("2001:db8::1");
  });

  test("a restart registers an update at once, with the version that the agent is of then", async () => {
    await boot();
    stop.abort();
    await loop;
    await boot();
    expect(aws.registry.requests.map(({ flag }) => flag)).toEqual(["new", "update"]);
    expect(aws.registry.requests.map(({ agentVersion }) => agentVersion)).toEqual([VERSION, VERSION]);
    expect(intervals).toHaveLength(2);
  });

  test.each([3_600, 86_400])("an update is registered at least daily, with samples every %i s", async (seconds) => {
    aws.registry.sampleIntervalSeconds = seconds;
    await boot();
    for (let passed = 0; passed < 22; passed += 1) await pass(3_600_000);
    expect(aws.registry.requests).toHaveLength(1);
    await pass(3_600_000);
    await pass(3_600_000);
    expect(aws.registry.requests.map(({ flag }) => flag)).toEqual(["new", "update"]);
    clock.setBy(-7 * 86_400_000);
    for (let passed = 0; passed < 24; passed += 1) await pass(3_600_000);
    expect(aws.registry.requests).toHaveLength(3);
  });

  test("an update is registered soon when AWS takes no samples where they go, and ever more rarely", async () => {
    aws.registry.sampleIntervalSeconds = 3_600;
    await boot();
    const registeredAt: number[] = [];
    // A sample is tried, and refused, every ten seconds.
    for (let passed = 0; passed < 3_600; passed += 10) {
      registering.again();
      const before = aws.registry.requests.length;
      await pass(10_000);
      if (aws.registry.requests.length > before) registeredAt.push(passed);
    }
    expect(registeredAt).toEqual([0, 60, 180, 420, 900, 1_800, 2_700]);
    // It was well for a while, and is new then.
    await pass(3_600_000);
    registering.again();
    await pass(10_000);
    expect(aws.registry.requests).toHaveLength(9);
  });

  test("while it cannot register it is not hurried by samples that AWS does not take", async () => {
    await boot();
    aws.metadata.ip = "10.0.0.2";
    aws.registry.instead.push(refused("QUARANTINED"));
    await pass(60_000);
    registering.again();
    await pass(299_000);
    expect(aws.registry.requests).toHaveLength(2);
    await pass(1_000);
    expect(aws.registry.requests).toHaveLength(3);
  });

  test("a record that was retired is noticed within a day, and that is tried again until it is mended", async () => {
    aws.registry.sampleIntervalSeconds = 3_600;
    await boot();
    aws.registry.instead.push(refused("RETIRED"), refused("RETIRED"));
    for (let passed = 0; passed < 23; passed += 1) await pass(3_600_000);
    for (let refusals = 0; refusals < 2; refusals += 1) {
      expect(progress.state.trouble).toContain("retired");
      await pass(300_000);
    }
    expect(progress.state.trouble).toBeUndefined();
  });

  test("trouble with the metadata service is over when it answers, though nothing is to be registered", async () => {
    await boot();
    aws.metadata.reachable = false;
    await pass(60_000);
    expect(progress.state.trouble).toMatch(/HTTP 503/);
    aws.metadata.reachable = true;
    await pass(60_000);
    expect(progress.state.trouble).toBeUndefined();
    expect(aws.registry.requests).toHaveLength(1);
  });

  test("what the control plane last judged is noted, until it says nothing of it", async () => {
    aws.registry.verdict = "MISMATCH";
    await boot();
    expect(progress.state).toMatchObject({ verdict: "MISMATCH", sampleIntervalSeconds: 60 });
    aws.registry.verdict = undefined;
    aws.metadata.ip = "10.0.0.2";
    await pass(60_000);
    expect(progress.state.verdict).toBeUndefined();
  });

  test.each(["NOT_OWNER", "UNKNOWN_ID", "QUARANTINED", "RETIRED"])(
    "an update refused as %s is logged for an operator and tried again slowly, keeping the key",
    async (reason) => {
      await boot();
      const key = await keyOnDisk();
      aws.metadata.ip = "10.0.0.2";
      aws.registry.instead.push(refused(reason));
      await pass(60_000);
      expect(log.lines.at(-1)).toMatch(new RegExp(`^error Registration refused: .*operator.*"reason":"${reason}"`));
      expect(clock.nextIn).toBe(300_000);
      expect(await keyOnDisk()).toEqual(key);
      await pass(300_000);
      expect(intervals).toHaveLength(2);
      expect(progress.state.trouble).toBeUndefined();
    },
  );
});
