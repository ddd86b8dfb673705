import { type Cron, readCron } from "./cron.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** After so many years weekdays and leap days fall as before. */
const YEARS = 28;

/** Clocks are changed at full quarters of an hour only. */
const QUARTER_MS = 15 * MINUTE_MS;

const UNIT_MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1440 };

/** Times between two firings, in minutes. */
export interface Pauses {
  shortest: number;
  longest: number;
}

/**
 * How long a schedule pauses in the next years. Changes of the clocks count: EventBridge Scheduler leaves out a time that a
 * day does not have, and fires once at one that it has twice.
 *
 * @param expression a well-formed one of EventBridge Scheduler, e.g. `rate(15 minutes)`
 * @param timeZone a name that Intl knows
 * @param from from when on, in milliseconds since 1970; that the first firing is waited for counts as a long pause only
 * @returns undefined when it never fires
 */
export function pausesOf(expression: string, timeZone: string, from: number): Pauses | undefined {
  const [, amount, unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (amount !== undefined) {
    const minutes = Number(amount) * (UNIT_MINUTES[unit] ?? Number.NaN);
    return { shortest: minutes, longest: minutes };
  }
  const cron = readCron(expression);
  if (typeof cron === "string") return undefined;
  const days = [...firingDays(cron, offsetsOf(timeZone), from)].filter(({ last }) => last > from);
  if (days[0] === undefined) return undefined;
  const overnight = days.slice(1).map(({ first }, i) => first - (days[i]?.last ?? first));
  const longest = Math.max(days[0].first - from, ...overnight, ...days.map((day) => day.longest));
  const shortest = Math.min(...overnight, ...days.map((day) => day.shortest));
  return { shortest: Math.min(shortest, longest) / MINUTE_MS, longest: longest / MINUTE_MS };
}

/** A day on which it fires: when first and last, in milliseconds since 1970, and the pauses between these. */
interface FiringDay extends Pauses {
  first: number;
  last: number;
}

/** The days on which it fires, in order, from the day before a moment on. */
function* firingDays({ times, firesOn }: Cron, offsetAt: (at: number) => number, from: number): Generator<FiringDay> {
  const clocks = times.map((time) => time * MINUTE_MS);
  const usual = asFiringDay(clocks);
  const end = from + YEARS * 365.25 * DAY_MS;
  for (let midnight = Math.floor(from / DAY_MS) * DAY_MS - DAY_MS; midnight < end; midnight += DAY_MS) {
    const date = new Date(midnight);
    if (!firesOn({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() })) continue;
    // Wherever the time zone is, its day lies between these two.
    const [before, after] = [offsetAt(midnight - DAY_MS), offsetAt(midnight + 2 * DAY_MS)];
    if (before === after) {
      const began = midnight - before;
      yield { ...usual, first: began + usual.first, last: began + usual.last };
      continue;
    }
    const moments = clocks.flatMap((clock) => {
      const there = [before, after]
        .map((offset) => midnight + clock - offset)
        .filter((at) => at + offsetAt(at) === midnight + clock);
      return there.length === 0 ? [] : [Math.min(...there)];
    });
    if (moments.length > 0) yield asFiringDay(moments);
  }
}

/** @param moments ascending, at least one */
function asFiringDay(moments: number[]): FiringDay {
  const [first = Number.NaN, ...later] = moments;
  const pauses = later.map((at, i) => at - (moments[i] ?? at));
  return { first, last: later.at(-1) ?? first, shortest: Math.min(...pauses), longest: Math.max(0, ...pauses) };
}

/** By how many milliseconds the clocks of a time zone are ahead of UTC, at a moment in milliseconds since 1970. */
function offsetsOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  const known = new Map<number, number>();
  return (at) => {
    const quarter = Math.floor(at / QUARTER_MS) * QUARTER_MS;
    const offset = known.get(quarter) ?? offsetIn(format.format(quarter));
    known.set(quarter, offset);
    return offset;
  };
}

/** @param formatted ends in `GMT`, `GMT+01:00` or `GMT-03:30` */
function offsetIn(formatted: string): number {
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(formatted) ?? [];
  return (sign === "-" ? -1 : 1) * (60 * Number(hours ?? 0) + Number(minutes ?? 0)) * MINUTE_MS;
}
