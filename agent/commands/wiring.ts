import type { Metadata } from "../metadata.ts";
import type { SeriesPlace } from "../series/place.ts";
import type { AgentSettings } from "../settings.ts";

/**
 * Time limits of one turn: 30 s for the lock, 10 s for the sample and 240 s for the hooks stay below the 300 s that
 * ssm-document.json gives the command.
 */
export const LOCK_WAIT_MS = 30_000;
export const HOOKS_TOTAL_MS = 240_000;

/** Where AWS is, from the settings and else from the metadata service. What never changes is asked for once. */
export function seriesPlace(settings: AgentSettings, metadata: Metadata): SeriesPlace {
  return {
    region: once(async () => settings.region ?? (await metadata.region())),
    accountId: once(() => metadata.accountId()),
    credentials: () => metadata.credentials(),
  };
}

/** Remembers an answer; a failure is asked for again. */
function once(ask: () => Promise<string>): () => Promise<string> {
  let known: string | undefined;
  return async () => {
    known ??= await ask();
    return known;
  };
}
