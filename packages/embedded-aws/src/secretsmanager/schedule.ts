import { type Cron, cronOf } from "./cron.ts";
import { invalidParameter } from "./refusals.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FEWEST_HOURS = 4;
const MOST_DAYS = 999;

/** When a secret is rotated, as RotateSecret takes it. */
export interface Rules {
  AutomaticallyAfterDays?: number | undefined;
  Duration?: string | undefined;
  ScheduleExpression?: string | undefined;
}

/** The windows in which a secret is rotated. Times are milliseconds since 1970, days and hours those of UTC. */
export interface Schedule {
  /** When the first window opens after a rotation, or after the schedule was set. */
  nextAfter(at: number): number;
  /** When a window that opens then closes. */
  closes(opensAt: number): number;
}

/**
 * Reads the rules of a rotation.
 *
 * @returns undefined where they set no time
 * @throws AwsError InvalidParameterException for a schedule that AWS does not take
 */
export function scheduleOf(rules: Rules): Schedule | undefined {
  const { AutomaticallyAfterDays: days, Duration, ScheduleExpression: expression } = rules;
  if (days !== undefined && expression !== undefined) {
    throw invalidParameter("You can't use both AutomaticallyAfterDays and ScheduleExpression in a rotation schedule.");
  }
  const hours = Duration === undefined ? undefined : hoursOf(Duration);
  if (days !== undefined) return inDays(days, hours);
  if (expression !== undefined) return expressed(expression, hours);
  if (hours !== undefined) throw invalidParameter("A Duration needs a rotation schedule.");
  return undefined;
}

function expressed(expression: string, duration: number | undefined): Schedule {
  const [, count = "", unit = ""] = /^rate\(([1-9]\d{0,4}) (hour|day)s?\)$/.exec(expression) ?? [];
  const [, fields] = /^cron\((.+)\)$/.exec(expression) ?? [];
  if (unit === "day" && Number(count) <= MOST_DAYS) return inDays(Number(count), duration);
  if (unit === "hour" && Number(count) >= FEWEST_HOURS && Number(count) <= MOST_DAYS * 24) {
    return inHours(Number(count), duration);
  }
  const cron = fields === undefined ? undefined : cronOf(fields);
  if (cron === undefined || !isSeldomEnough(cron)) {
    throw invalidParameter(
      "ScheduleExpression must be rate(…) in days or in 4 hours or more, or cron(0 … *) with at least 4 hours between two times.",
    );
  }
  return byCron(cron, duration);
}

/** Windows that open at midnight of every so many days. */
function inDays(days: number, duration: number | undefined): Schedule {
  if (duration !== undefined && duration > 24) throw tooLong();
  return {
    nextAfter: (at) => startOf(at, DAY_MS) + days * DAY_MS,
    closes: (opensAt) => opensAt + (duration ?? 24) * HOUR_MS,
  };
}

function inHours(hours: number, duration = 1): Schedule {
  if (duration > hours || duration > 24) throw tooLong();
  return {
    nextAfter: (at) => startOf(at, HOUR_MS) + hours * HOUR_MS,
    closes: (opensAt) => opensAt + duration * HOUR_MS,
  };
}

function byCron(cron: Cron, duration: number | undefined): Schedule {
  const isInHours = cron.hours.length > 1;
  const most = 24 - (cron.hours.at(-1) ?? 0);
  const gaps = cron.hours.slice(1).map((hour, place) => hour - (cron.hours[place] ?? 0));
  if (duration !== undefined && duration > Math.min(most, ...gaps)) throw tooLong();
  return {
    // One that has no time within a year is not taken.
    nextAfter: (at) => cron.nextAfter(at) ?? Number.POSITIVE_INFINITY,
    closes(opensAt) {
      if (duration !== undefined) return opensAt + duration * HOUR_MS;
      return isInHours ? opensAt + HOUR_MS : startOf(opensAt, DAY_MS) + DAY_MS;
    },
  };
}

/** Whether a cron's times come at all, and are far enough from each other: two months of any year show it. */
function isSeldomEnough(cron: Cron): boolean {
  let last = cron.nextAfter(Date.UTC(2025, 11, 31, 23));
  for (let n = 0; n < 60 && last !== undefined; n += 1) {
    const next = cron.nextAfter(last);
    if (next !== undefined && next - last < FEWEST_HOURS * HOUR_MS) return false;
    if (next === undefined) return false;
    last = next;
  }
  return last !== undefined;
}

/** @throws AwsError InvalidParameterException */
function hoursOf(duration: string): number {
  const [, hours] = /^([1-9]\d?)h$/.exec(duration) ?? [];
  if (hours === undefined) throw invalidParameter("Duration must be in hours, e.g. 3h.");
  return Number(hours);
}

function tooLong() {
  return invalidParameter("The rotation window must not extend into the next window or the next UTC day.");
}

function startOf(at: number, unitMs: number): number {
  return Math.floor(at / unitMs) * unitMs;
}
