import { randomBytes } from "node:crypto";
import { SAMPLE_INTERVAL_SECONDS } from "../../protocol/index.ts";
import { backoff } from "../backoff.ts";
import { type Clock, systemClock } from "../clock.ts";
import { systemDisk } from "../disk.ts";
import { Failure, sentenceOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { instanceMetadata, type Metadata } from "../metadata.ts";
import { registrationAt } from "../registration/call.ts";
import { type KeepRegisteredParts, keepRegistered } from "../registration/keep-registered.ts";
import { keepProving } from "../samples/keep-proving.ts";
import { followedSeries } from "../series/followed.ts";
import { nameOfStore } from "../series/name.ts";
import type { AgentSettings } from "../settings.ts";
import { openIdentity } from "../state/boot.ts";
import { daemonLock, fileLock } from "../state/lock.ts";
import { placesIn } from "../state/places.ts";
import { progressFile } from "../state/progress.ts";
import { keepTold, toldLast } from "../state/told-file.ts";
import { VERSION } from "../version.ts";
import { LOCK_WAIT_MS, seriesPlace } from "./wiring.ts";

/**
 * The daemon: finds out who this instance is, registers it, and proves its key each interval, until `signal` aborts.
 *
 * @throws Failure when it cannot go on, or another daemon has the state folder; whoever started it (systemd) starts it
 *   again
 */
export async function run(settings: AgentSettings, log: Log, signal: AbortSignal): Promise<void> {
  const clock = systemClock;
  const places = placesIn(settings.stateFolder);
  const metadata = instanceMetadata(settings.metadataEndpoint, clock);
  const ec2InstanceId = await whoAmI(metadata, clock, Math.random, log, signal);
  if (ec2InstanceId === undefined) return;
  await systemDisk.makeFolder(places.folder);
  await daemonLock(places, clock, signal).hold(() => runAlone(settings, { ec2InstanceId, metadata }, log, signal));
}

async function runAlone(
  settings: AgentSettings,
  host: { ec2InstanceId: string; metadata: Metadata },
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const clock = systemClock;
  const disk = systemDisk;
  const places = placesIn(settings.stateFolder);
  const { ec2InstanceId, metadata } = host;
  const state = { disk, places, lock: fileLock(places.lock, LOCK_WAIT_MS, clock, signal), random: randomBytes, log };
  const identity = await openIdentity(state, ec2InstanceId);
  log.info(`keyturn-agent ${VERSION} runs.`, { id: identity.id, ec2InstanceId });

  const place = seriesPlace(settings, metadata);
  let told = await toldLast(disk, places.told, log);
  const series = followedSeries(told?.store ?? settings.series, place);
  const progress = progressFile(disk, places.progress, log, { pid: process.pid, startedAt: clock.now() });
  const shared = { disk, clock, fraction: Math.random, progress, log };
  const proving = keepProving({
    ...{ ...shared, series, keyPath: places.key },
    intervalSeconds: told?.sampleIntervalSeconds ?? SAMPLE_INTERVAL_SECONDS.default,
    onNotThisStore: () => registering.again(),
  });
  const register = registrationAt(settings.registrationUrl, place.region, metadata, clock.now);
  const onRegistered: KeepRegisteredParts["onRegistered"] = async ({ sampleIntervalSeconds, store = told?.store }) => {
    told = { version: 1, sampleIntervalSeconds, store };
    // Before the first sample goes there: a turn and a restart find it, too.
    await keepTold(disk, places.told, told, log);
    if (store !== undefined && series.follow(store)) log.info(`Samples go to ${nameOfStore(store)} from now on.`);
    proving.wake(sampleIntervalSeconds);
  };
  const registering = keepRegistered({ ...state, ...shared, metadata, register, onRegistered }, identity);
  try {
    await endTogether(signal, [(end) => registering.run(end), (end) => proving.run(end)]);
  } finally {
    series.close();
  }
  log.info("Stopped.", { id: identity.id, ec2InstanceId });
}

const METADATA_PATIENCE_MS = 60_000;

/**
 * Asks for the EC2 instance ID, again and again for a minute: early in a boot the network may not be up yet.
 *
 * @returns undefined if `signal` aborted
 * @throws Failure when the minute is over
 */
export async function whoAmI(
  metadata: Metadata,
  clock: Clock,
  fraction: () => number,
  log: Log,
  signal: AbortSignal,
): Promise<string | undefined> {
  const deadline = clock.monotonic() + METADATA_PATIENCE_MS;
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      return await metadata.ec2InstanceId(signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (clock.monotonic() >= deadline) {
        throw new Failure(
          `The instance metadata service cannot be used: ${sentenceOf(error)} Without it the agent does not know which ` +
            "instance this is. Check that the instance allows IMDSv2 and that nothing blocks it. Where it is reached by " +
            "IPv6 alone, set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6.",
        );
      }
      log.warn(sentenceOf(error));
      // At least a little, so that a service that fails at once is not asked without a pause.
      await clock.sleep(200 + backoff(failures, { firstMs: 1_000, mostMs: 10_000 }, fraction), signal);
    }
  }
  return undefined;
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
