import type { TimeSeries } from "../../../functions/clients/time-series.ts";
import { type Beats, type InstanceRow, MOST_TILES } from "../wire/live.ts";

/** So long ago, a sample is found by who looks for the first time: who was silent for longer is as dark as can be. */
const WINDOW = 2;

/**
 * When each instance wrote the newest of its samples: of those that can write some, and of none where there are more than are
 * shown one by one.
 *
 * @param freshMs how old the newest may be before it is looked for
 */
export async function readBeats(
  rows: readonly InstanceRow[],
  series: Pick<TimeSeries, "newest">,
  now: number,
  freshMs: number,
): Promise<Beats> {
  const live = rows.filter(({ status, ec2InstanceId }) => status !== "RETIRED" && ec2InstanceId !== "");
  if (live.length === 0 || live.length > MOST_TILES) return {};
  return Object.fromEntries(await series.newest(live, { from: now - WINDOW * freshMs, to: now }));
}
