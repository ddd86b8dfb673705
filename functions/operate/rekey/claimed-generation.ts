import { SAMPLES_KEPT_DAYS } from "../../../protocol/index.ts";
import type { Tickets } from "../../clients/tickets.ts";
import type { TimeSeries } from "../../clients/time-series.ts";
import type { InstanceRecord } from "../../record/record.ts";
import { MOST_SAMPLES } from "../../rotation/samples.ts";

/**
 * How far above all that the record knows a generation counts that a sample or a ticket claims. Anybody with an instance's
 * credentials may write samples, and so claim any: one that is made up costs an instance so many generations at each rekey
 * at the most, of 9 * 10^15. A record that is restored to an earlier day is behind by far fewer.
 */
export const MOST_AHEAD = 10_000;

/** The highest generation that the record of an instance knows. */
export function knownGeneration({ current, pending, rekey }: InstanceRecord): number {
  return Math.max(current.generation, pending?.generation ?? 0, rekey?.generation ?? 0);
}

/**
 * The highest generations that the instance's samples and its ticket claim, whoever wrote them; 0 where there is none that
 * counts.
 */
export async function claimedGenerations(
  record: InstanceRecord,
  { tickets, timeSeries, now, skewMs }: { tickets: Tickets; timeSeries: TimeSeries; now: () => number; skewMs: number },
): Promise<{ bySamples: number; byTicket: number }> {
  const { id, ec2InstanceId } = record;
  const at = now();
  const window = { from: at - SAMPLES_KEPT_DAYS * 86_400_000, to: at + skewMs, limit: MOST_SAMPLES };
  const samples = await timeSeries.read({ id, ec2InstanceId, ...window });
  const ticket = await tickets.find(ec2InstanceId, id);
  const most = knownGeneration(record) + MOST_AHEAD;
  const highest = (claims: { generation: number }[]) =>
    Math.max(0, ...claims.map(({ generation }) => generation).filter((generation) => generation <= most));
  return { bySamples: highest(samples), byTicket: highest(ticket === undefined ? [] : [ticket]) };
}
