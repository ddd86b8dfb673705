import { describe, expect, test } from "vitest";
import { keepProving, nextTick } from "../../agent/samples/keep-proving.ts";
import { storeKeyFile } from "../../agent/state/key-file.ts";
import { sampleHash, successor } from "../../protocol/index.ts";
import { CrashingDisk } from "./fakes/crashing-disk.ts";
import { HandClock, settle } from "./fakes/hand-clock.ts";
import { FakeLog, FakeProgress, FakeSeries, KEY, KEY_FILE, PLACES } from "./fakes/parts.ts";

const START = 1_763_600_040_000;

function daemon(files: Record<string, string> = { [PLACES.key]: JSON.stringify(KEY_FILE) }, intervalSeconds = 60) {
  const disk = CrashingDisk.with(files);
  const series = new FakeSeries();
  const clock = new HandClock(START);
  const log = new FakeLog();
  const progress = new FakeProgress();
  const stop = new AbortController();
  // Half an interval of a minute: ticks at 30 s past each full minute.
  const asked: number[] = [];
  const proving = keepProving({
    ...{ disk, series, clock, log, progress, keyPath: PLACES.key, fraction: () => 0.5 },
    intervalSeconds,
    onNotThisStore: () => asked.push(clock.now() - START),
  });
  const ended = proving.run(stop.signal);
  const times = () => series.samples.map(({ timeMs }) => timeMs - START);
  return { disk, series, clock, log, progress, stop, proving, ended, times, asked };
}

describe("the loop of samples", () => {
  test("writes one a minute at fixed moments until it is told another interval", async () => {
    const { clock, times, stop, ended } = daemon();
    await clock.advance(180_000);
    expect(times()).toEqual([30_000, 90_000, 150_000]);
    stop.abort();
    await ended;
  });

  test("writes one at once after a registration, and then at the interval that it gave", async () => {
    const { clock, proving, times, stop, ended } = daemon();
    await clock.advance(1_000);
    proving.wake(10);
    await clock.advance(25_000);
    expect(times()).toEqual([1_000, 5_000, 15_000, 25_000]);
    stop.abort();
    await ended;
  });

  test("writes one at the interval that it was told before its restart", async () => {
    const { clock, times, stop, ended } = daemon(undefined, 10);
    await clock.advance(25_000);
    expect(times()).toEqual([5_000, 15_000, 25_000]);
    stop.abort();
    await ended;
  });

  test.each([
    ["ResourceNotFoundException", true],
    ["AccessDeniedException", true],
    ["ThrottlingException", false],
    ["ExpiredTokenException", false],
  ])("of samples that AWS answers with %s says that the store may be another: %s", async (name, isSaid) => {
    const { series, clock, asked, stop, ended } = daemon();
    series.failure = Object.assign(new Error("It says why."), { name });
    await clock.advance(30_000);
    expect(asked).toEqual(isSaid ? [30_000] : []);
    stop.abort();
    await ended;
  });

  test("reads the key anew for each, and proves it at the moment taken before", async () => {
    const { disk, series, clock, progress, stop, ended } = daemon();
    await clock.advance(30_000);
    const turned = { ...KEY_FILE, generation: 5, key: successor(KEY, "") };
    await storeKeyFile(disk, PLACES.key, turned);
    await clock.advance(60_000);
    const [first, second] = series.samples;
    const { id, ec2InstanceId } = KEY_FILE;
    const one = { id, ec2InstanceId, generation: 4, timeMs: START + 30_000 };
    const two = { id, ec2InstanceId, generation: 5, timeMs: START + 90_000 };
    expect(first).toEqual({ ...one, hash: sampleHash({ ...one, key: KEY }) });
    expect(second).toEqual({ ...two, hash: sampleHash({ ...two, key: turned.key }) });
    expect(progress.state.sampledAt).toBe(START + 90_000);
    stop.abort();
    await ended;
  });

  test("backs off with jitter when AWS is away, never longer than to the next moment", async () => {
    const { series, clock, log, times, stop, ended } = daemon();
    series.failure = new Error("AWS is away");
    await clock.advance(30_000);
    const waits: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      waits.push(clock.nextIn ?? 0);
      await clock.advance(clock.nextIn ?? 0);
    }
    // The last one would be 30 s as well, but the next moment is nearer.
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 28_500, 30_000]);
    expect(log.lines.at(-1)).toBe("warn No sample was written: AWS is away {}");
    series.failure = undefined;
    await clock.advance(clock.nextIn ?? 0);
    expect(times()).toHaveLength(1);
    stop.abort();
    await ended;
  });

  test("says so while there is no key, or a damaged one, and goes on", async () => {
    const { disk, clock, log, times, stop, ended } = daemon({});
    await clock.advance(30_000);
    expect(log.lines).toEqual([expect.stringContaining("There is no key yet")]);
    await disk.write(PLACES.key, "{");
    await clock.advance(60_000);
    expect(log.lines.at(-1)).toMatch(/key\.json is damaged/);
    await storeKeyFile(disk, PLACES.key, KEY_FILE);
    await clock.advance(60_000);
    expect(times().length).toBeGreaterThan(0);
    stop.abort();
    await ended;
  });

  test("goes on each interval when the clock is set, forward or back, whenever that is", async () => {
    const { series, clock, stop, ended } = daemon();
    const now = clock.now.bind(clock);
    // Between any two looks at the clock somebody sets it back.
    clock.now = () => {
      clock.setBy(-3_600_000);
      return now();
    };
    await clock.advance(60_000);
    expect(series.samples).toHaveLength(1);
    clock.now = now;
    clock.setBy(86_400_000);
    await clock.advance(120_000);
    expect(series.samples).toHaveLength(3);
    stop.abort();
    await ended;
  });

  test("ends at once when it is told to, also in the middle of a call", async () => {
    const { series, clock, stop, ended, log } = daemon();
    series.write = () => new Promise(() => {});
    await clock.advance(30_000);
    stop.abort();
    await settle();
    await ended;
    expect(log.lines).toEqual([]);
  });
});

test.each([
  [0, 60_000, 0, 60_000],
  [59_999, 60_000, 0, 60_000],
  [60_000, 60_000, 0, 120_000],
  [29_999, 60_000, 30_000, 30_000],
  [30_000, 60_000, 30_000, 90_000],
])("after %i the next tick of %i ms with phase %i is at %i", (now, interval, phase, tick) => {
  expect(nextTick(now, interval, phase)).toBe(tick);
});
