import { randomBytes } from "node:crypto";
import { backoff } from "../backoff.ts";
import { type Clock, systemClock } from "../clock.ts";
import { type DaemonParts, daemon } from "../daemon.ts";
import { systemDisk } from "../disk.ts";
import { Failure, sentenceOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { instanceMetadata, type Metadata } from "../metadata.ts";
import { registrationAt } from "../registration/call.ts";
import { followedSeries } from "../series/followed.ts";
import type { AgentSettings } from "../settings.ts";
import { daemonLock, fileLock } from "../state/lock.ts";
import { placesIn } from "../state/places.ts";
import { progressFile } from "../state/progress.ts";
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
  { ec2InstanceId, metadata }: { ec2InstanceId: string; metadata: Metadata },
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const clock = systemClock;
  const disk = systemDisk;
  const places = placesIn(settings.stateFolder);
  const place = seriesPlace(settings, metadata);
  const parts: DaemonParts = {
    ...{ ec2InstanceId, metadata, disk, places, clock, log, random: randomBytes, fraction: Math.random },
    lock: fileLock(places.lock, LOCK_WAIT_MS, clock, signal),
    progress: progressFile(disk, places.progress, log, { pid: process.pid, startedAt: clock.now() }),
    register: registrationAt(settings.registrationUrl, place.region, metadata, clock.now),
    seriesAt: (store = settings.series) => followedSeries(store, place),
  };
  await daemon(parts, signal);
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
