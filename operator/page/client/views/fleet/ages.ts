import type { InstanceRow } from "../../../wire/live.ts";
import { UNITS } from "../../time.ts";

/** Keys of an age of at least `from` and less than `to`, in milliseconds; the last one has no end. */
export interface Bucket {
  from: number;
  to: number;
  count: number;
}

export interface Ages {
  /** How long a key lasts as a rule, in milliseconds; undefined where no record says when it is due. */
  period?: number;
  buckets: Bucket[];
}

const A_PERIOD = 4;
const PERIODS = 2;

/**
 * How old the keys of those at work are: in quarters of the time that a key lasts, up to twice that, and those that are older.
 * Where nobody knows how long a key lasts, up to the oldest.
 */
export function agesOf(rows: readonly InstanceRow[], now: number): Ages {
  const working = rows.filter(({ status, keySince }) => status === "ACTIVE" && keySince !== undefined);
  const ages = working.map(({ keySince = now }) => Math.max(0, now - keySince));
  const period = periodOf(working);
  const most = period === undefined ? Math.max(1, ...ages) + 1 : PERIODS * period;
  const step = most / (A_PERIOD * PERIODS);
  const buckets = Array.from({ length: A_PERIOD * PERIODS + 1 }, (_, at): Bucket => {
    const to = at < A_PERIOD * PERIODS ? (at + 1) * step : Number.POSITIVE_INFINITY;
    return { from: at * step, to, count: 0 };
  });
  for (const age of ages) {
    const bucket = buckets[Math.min(buckets.length - 1, Math.floor(age / step))];
    if (bucket !== undefined) bucket.count += 1;
  }
  if (period === undefined) return { buckets: buckets.slice(0, -1) };
  return { period, buckets };
}

/** Of most: of some it is another, as of one that came late or whose last turn failed. */
function periodOf(rows: readonly InstanceRow[]): number | undefined {
  const lasts = rows
    .flatMap(({ keySince, dueAt }) => (keySince === undefined || dueAt === undefined ? [] : [dueAt - keySince]))
    .filter((ms) => ms > 0)
    .sort((one, other) => one - other);
  return lasts[Math.floor(lasts.length / 2)];
}

/** A length of time as an axis says it, in its largest unit: `1.5 d`, `45 min`. */
export function roughly(ms: number): string {
  const [unit, size] = UNITS.find(([, least]) => ms >= least) ?? ["s", 1000];
  return `${Math.round((ms / size) * 100) / 100} ${unit}`;
}
