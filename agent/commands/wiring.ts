import { LOCK_WAIT_SECONDS } from "../../protocol/index.ts";
import type { InstanceCredentials, Metadata } from "../metadata.ts";
import type { SeriesPlace } from "../series/place.ts";
import type { AgentSettings } from "../settings.ts";

export const LOCK_WAIT_MS = LOCK_WAIT_SECONDS * 1000;

/** Where AWS is, from the settings and else from the metadata service. What never changes is asked for once. */
export function seriesPlace(
  settings: Pick<AgentSettings, "region">,
  metadata: Pick<Metadata, "region" | "partition" | "accountId" | "credentials">,
): SeriesPlace {
  let used: InstanceCredentials | undefined;
  let refused: InstanceCredentials | undefined;
  return {
    region: once(async () => settings.region ?? (await metadata.region())),
    partition: once(() => metadata.partition()),
    accountId: once(() => metadata.accountId()),
    async credentials() {
      used = await metadata.credentials(refused);
      return used;
    },
    refused() {
      refused = used;
    },
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
