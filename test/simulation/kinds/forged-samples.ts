import type { SampleRead } from "../../../functions/clients/time-series.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { hex64Of } from "../../functions/support.ts";
import type { Host } from "../../harness/host.ts";
import type { Fleet } from "../fleet.ts";
import { kind } from "../kind.ts";
import { CAUSES_OF_TWO } from "../others.ts";
import { A_DAY_MS, A_MINUTE_MS, AN_HOUR_MS } from "../times.ts";

const FORGERIES = ["wrong", "replayed", "malformed", "ahead", "higher", "flood"] as const;

interface Forged {
  agent: number;
  what: (typeof FORGERIES)[number];
  /** For how long, and how often in it. */
  ms: number;
  everyMs: number;
  /** How far ahead of now, or of the generation, it is. */
  aheadMs: number;
  above: number;
}

/** More than anybody reads at once. */
const A_FLOOD = 220;

/** Somebody writes into the series in the name of an instance, once or for days. */
export const samplesForged = kind<Forged>({
  rate: { perAgentDay: 0.02 },
  draw: (draw) => ({
    agent: draw.agent(),
    what: draw.one(FORGERIES),
    ms: draw.span(A_MINUTE_MS, A_DAY_MS),
    everyMs: draw.span(5 * A_MINUTE_MS, AN_HOUR_MS / 2),
    aheadMs: draw.span(A_MINUTE_MS, 2 * A_DAY_MS),
    above: draw.span(1, 100_000),
  }),
  befall(forged, fleet) {
    const host = fleet.agent(forged.agent);
    const until = fleet.now + forged.ms;
    goOn(forged, host, until, fleet);
    const isSeen = forged.ms >= 4 * AN_HOUR_MS && ["wrong", "replayed", "higher", "flood"].includes(forged.what);
    const record = fleet.recordOf(host);
    if (!isSeen || record === undefined) return;
    const { id } = record;
    // Before it is noticed it may have been turned, stopped or put out of sight.
    const isOver = () =>
      host.state !== "running" || fleet.recordOf(host)?.status !== "ACTIVE" || fleet.recordOf(host)?.id !== id;
    const because = `somebody writes samples in its name (${forged.what})`;
    fleet.expectations.add({ subjects: [id], causes: CAUSES_OF_TWO, because, unless: isOver }, 4 * AN_HOUR_MS);
  },
});

async function goOn(forged: Forged, host: Host, until: number, fleet: Fleet): Promise<void> {
  const record = fleet.recordOf(host);
  if (record !== undefined) {
    for (const sample of await samplesOf(forged, record, fleet)) {
      fleet.world.timeSeries.write(record.id, record.ec2InstanceId, sample);
    }
  }
  if (!fleet.isCalm && fleet.now + forged.everyMs < until)
    fleet.later(forged.everyMs, () => goOn(forged, host, until, fleet));
}

async function samplesOf(
  { what, aheadMs, above }: Forged,
  record: InstanceRecord,
  fleet: Fleet,
): Promise<SampleRead[]> {
  const { now, world } = fleet;
  const { id, ec2InstanceId } = record;
  const { generation } = record.current;
  const wrong = { timeMs: now, generation, hash: hex64Of(`forged of ${id} at ${now}`) };
  const window = { from: 0, to: now, limit: 1 };
  const [newest = wrong] = await world.timeSeries.read({ id, ec2InstanceId, ...window });
  switch (what) {
    case "wrong":
      return [wrong];
    case "replayed":
      return [{ ...newest, timeMs: now }];
    case "malformed":
      return [{ timeMs: now, generation: -1, hash: "none" }];
    case "ahead":
      return [{ ...wrong, timeMs: now + aheadMs }];
    case "higher":
      return [{ ...wrong, generation: generation + above }];
    case "flood":
      return Array.from({ length: A_FLOOD }, (_, n) => ({ ...wrong, timeMs: now - n }));
  }
}
