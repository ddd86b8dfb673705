import { randomBytes } from "node:crypto";
import { HOOKS_SECONDS } from "../../protocol/index.ts";
import { systemClock } from "../clock.ts";
import { systemDisk } from "../disk.ts";
import type { Log } from "../log.ts";
import { instanceMetadata } from "../metadata.ts";
import { registrationAt } from "../registration/call.ts";
import { openSeries } from "../series/open.ts";
import type { AgentSettings } from "../settings.ts";
import { fileLock } from "../state/lock.ts";
import { placesIn } from "../state/places.ts";
import { toldLast } from "../state/told-file.ts";
import { folderHooks } from "../turn/folder-hooks.ts";
import { dynamodbTickets } from "../turn/tickets.dynamodb.ts";
import { type TurnResult, turn } from "../turn/turn.ts";
import { LOCK_WAIT_MS, seriesPlace } from "./wiring.ts";

/** One turn, with this instance's files, hooks and AWS. */
export async function turnHere(
  settings: AgentSettings,
  environment: Record<string, string | undefined>,
  log: Log,
  signal: AbortSignal,
): Promise<TurnResult> {
  const clock = systemClock;
  const places = placesIn(settings.stateFolder);
  const metadata = instanceMetadata(settings.metadataEndpoint, clock);
  const place = seriesPlace(settings, metadata);
  const tickets = dynamodbTickets(settings.ticketTable, place);
  const told = await toldLast(systemDisk, places.told, log);
  const series = openSeries(told?.store ?? settings.series, place);
  const hooks = folderHooks({
    folder: settings.hooksFolder,
    timeoutMs: settings.hookTimeoutMs,
    totalMs: HOOKS_SECONDS * 1000,
    logPath: places.hooksLog,
    clock,
    environment,
  });
  const lock = fileLock(places.lock, LOCK_WAIT_MS, clock, signal);
  try {
    return await turn({
      disk: systemDisk,
      places,
      lock,
      tickets,
      register: registrationAt(settings.registrationUrl, place.region, metadata, clock.now),
      ip: metadata.ip,
      random: randomBytes,
      series,
      hooks,
      nonce: settings.nonce,
      clock,
      log,
      signal,
    });
  } finally {
    tickets.close();
    series.close();
  }
}
