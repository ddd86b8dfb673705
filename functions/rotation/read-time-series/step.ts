import { WINDOW_INTERVALS } from "../../record/due.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { MOST_SAMPLES } from "../samples.ts";
import type { contract } from "./contract.ts";

/** Reads what the instance wrote lately, newest first; not what bears a time beyond the allowed skew. */
export async function readTimeSeries(
  { id, ec2InstanceId }: InputOf<typeof contract>,
  { timeSeries, now, intervalMs, skewMs }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const at = now();
  const window = { id, ec2InstanceId, from: at - WINDOW_INTERVALS * intervalMs, limit: MOST_SAMPLES };
  const samples = await timeSeries.read({ ...window, to: at + skewMs });
  if (samples.length < MOST_SAMPLES || samples.some(({ timeMs }) => timeMs <= at)) return { samples };
  // No honest clock fills the page with times to come: one of them stays to be told of, the rest makes room for now.
  const untilNow = await timeSeries.read({ ...window, to: at, limit: MOST_SAMPLES - 1 });
  return { samples: [...samples.slice(-1), ...untilNow] };
}
