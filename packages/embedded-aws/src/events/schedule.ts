import { AwsError } from "../http/service.ts";

const UNITS_MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const RATE = /^rate\(([1-9]\d{0,8}) (second|minute|hour|day)(s?)\)$/;

/**
 * The milliseconds of `rate(5 minutes)`. Unlike AWS it knows seconds, for trying things out; it knows no `cron(…)`.
 *
 * @throws AwsError ValidationException
 */
export function periodOf(expression: string): number {
  const [, count = "", unit = "", plural = ""] = RATE.exec(expression) ?? [];
  // AWS takes `1 minute` and `2 minutes`, and neither `1 minutes` nor `2 minute`.
  if (unit === "" || (count === "1") === (plural === "s")) {
    const cron = expression.startsWith("cron(") ? " The embedded AWS knows only rate(…)." : "";
    throw new AwsError("ValidationException", `Parameter ScheduleExpression is not valid.${cron}`);
  }
  return Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
}

/** The last time of the schedule up to `now`, and the one after that, when `next` is due or overdue. */
export function timesAround(next: number, periodMs: number, now: number): { last: number; next: number } {
  const last = next + Math.floor((now - next) / periodMs) * periodMs;
  return { last, next: last + periodMs };
}
