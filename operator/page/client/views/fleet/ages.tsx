import { useMemo } from "preact/hooks";
import type { InstanceRow } from "../../../wire/live.ts";
import { now } from "../../live.ts";
import { agesOf, type Bucket, roughly } from "./ages.ts";

/** Ages are counted anew so often: a key grows old slowly. */
const EVERY_MS = 5000;

/** How old the keys are, as bars: where many are older than two periods, turns have stopped. */
export function Ages({ rows }: { rows: readonly InstanceRow[] }) {
  const at = Math.floor(now.value / EVERY_MS) * EVERY_MS;
  const { period, buckets } = useMemo(() => agesOf(rows, at), [rows, at]);
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  const old = period === undefined ? 0 : (buckets.at(-1)?.count ?? 0);
  return (
    <section class="card">
      <h2>How old the keys are</h2>
      <p>{periodSaid(period, old)}</p>
      <ol class="ages">
        {buckets.map((bucket) => (
          <li key={bucket.from} class={period !== undefined && !Number.isFinite(bucket.to) ? "old" : ""}>
            <span class="of">{saidOf(bucket)}</span>
            <span class={bucket.count === 0 ? "" : "bar-of"} style={{ width: `${(100 * bucket.count) / most}%` }} />
            <span class="count-of">{bucket.count.toLocaleString("en")}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function periodSaid(period: number | undefined, old: number): string {
  if (period === undefined) return "No record says when its key is due.";
  const every = `A key is turned after ${roughly(period)}.`;
  if (old === 0) return `${every} None is older than twice that.`;
  return `${every} ${old.toLocaleString("en")} ${old === 1 ? "is" : "are"} older than twice that: look at why they are not turned.`;
}

function saidOf({ to }: Bucket): string {
  return Number.isFinite(to) ? `up to ${roughly(to)}` : "older";
}
