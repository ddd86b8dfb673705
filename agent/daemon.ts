import { SAMPLE_INTERVAL_SECONDS } from "../protocol/index.ts";
import type { Fraction } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { Metadata } from "./metadata.ts";
import { type KeepRegisteredParts, keepRegistered } from "./registration/keep-registered.ts";
import type { RegisterParts } from "./registration/register.ts";
import { keepProving } from "./samples/keep-proving.ts";
import type { FollowedSeries } from "./series/followed.ts";
import { nameOfStore } from "./series/name.ts";
import { openIdentity } from "./state/boot.ts";
import type { Progress } from "./state/progress.ts";
import { keepTold, type ToldFile, toldLast } from "./state/told-file.ts";
import { VERSION } from "./version.ts";

export interface DaemonParts extends RegisterParts {
  /** Whose this host is, as its metadata service says. */
  ec2InstanceId: string;
  metadata: Pick<Metadata, "ip">;
  clock: Clock;
  fraction: Fraction;
  progress: Progress;
  /** Opens the series that the last registration told of; undefined where none has said so yet. */
  seriesAt: (store: ToldFile["store"]) => FollowedSeries;
}

/**
 * Registers this instance and proves its key each interval, until `signal` aborts. What it deals with is handed in: disk,
 * clock and network are the system's in the daemon, and others where crashes and days are played.
 *
 * @throws Failure when it cannot go on
 */
export async function daemon(parts: DaemonParts, signal: AbortSignal): Promise<void> {
  const { disk, places, clock, fraction, progress, log, ec2InstanceId, seriesAt } = parts;
  const identity = await openIdentity(parts, ec2InstanceId);
  log.info(`keyturn-agent ${VERSION} runs.`, { id: identity.id, ec2InstanceId });

  let told = await toldLast(disk, places.told, log);
  const series = seriesAt(told?.store);
  const proving = keepProving({
    ...{ disk, clock, fraction, progress, log, series, keyPath: places.key },
    intervalSeconds: told?.sampleIntervalSeconds ?? SAMPLE_INTERVAL_SECONDS.default,
    onNotThisStore: () => registering.again(),
  });
  const onRegistered: KeepRegisteredParts["onRegistered"] = async ({ sampleIntervalSeconds, store = told?.store }) => {
    told = { version: 1, sampleIntervalSeconds, store };
    // Before the first sample goes there: a turn and a restart find it, too.
    await keepTold(disk, places.told, told, log);
    if (store !== undefined && series.follow(store)) log.info(`Samples go to ${nameOfStore(store)} from now on.`);
    proving.wake(sampleIntervalSeconds);
  };
  const registering = keepRegistered({ ...parts, onRegistered }, identity);
  try {
    await endTogether(signal, [(end) => registering.run(end), (end) => proving.run(end)]);
  } finally {
    series.close();
  }
  log.info("Stopped.", { id: identity.id, ec2InstanceId });
}

/** Runs both loops; when one fails the other is ended too, and the failure is thrown. */
async function endTogether(signal: AbortSignal, loops: ((end: AbortSignal) => Promise<void>)[]): Promise<void> {
  const failed = new AbortController();
  const end = AbortSignal.any([signal, failed.signal]);
  const running = loops.map((loop) =>
    loop(end).catch((error: unknown) => {
      failed.abort();
      throw error;
    }),
  );
  for (const result of await Promise.allSettled(running)) {
    if (result.status === "rejected") throw result.reason;
  }
}
