import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** How far back samples are read, in sample intervals. */
const WINDOW_INTERVALS = 10;

/** How many samples are read at the most, so that a flood of them does not outgrow an execution's 256 KiB. */
const MOST_SAMPLES = 200;

/** Reads what the instance wrote lately, newest first. */
export async function readTimeSeries(
  { id, ec2InstanceId }: InputOf<typeof contract>,
  { timeSeries, now, intervalMs }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const from = now() - WINDOW_INTERVALS * intervalMs;
  return { samples: await timeSeries.read({ id, ec2InstanceId, from, limit: MOST_SAMPLES }) };
}
