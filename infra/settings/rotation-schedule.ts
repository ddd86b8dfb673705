import { readCron } from "./cron.ts";

/** Secrets Manager rotates every four hours at the most, and at least every 999 days. */
const RATE = /^rate\((?:(?:([4-9]|1\d|2[0-3]) hours)|(?:1 day|([2-9]|[1-9]\d{1,2}) days))\)$/;

const LIKE = 'must be like "rate(30 days)" (4 to 23 hours, 1 to 999 days) or "cron(0 4 1 * ? *)"';

/**
 * What is wrong with when a secret is rotated, as Secrets Manager writes it: in UTC, and a window opens at a full hour.
 *
 * @param expression e.g. `rate(30 days)`, `cron(0 4 1 * ? *)`
 * @param or what may stand there besides, as the end of a sentence
 * @returns a sentence that goes on after the setting's name; undefined when nothing is wrong
 */
export function faultOfRotationSchedule(expression: string, or = ""): string | undefined {
  if (!/^cron\(.*\)$/.test(expression)) return RATE.test(expression) ? undefined : `${LIKE}${or}`;
  const cron = readCron(expression);
  if (typeof cron === "string") return cron;
  const [minutes, , dayOfMonth = "", , , year] = expression.slice("cron(".length, -1).trim().split(/\s+/);
  if (minutes !== "0") return `has "${minutes}" as minutes, which must be 0: Secrets Manager begins at full hours`;
  if (year !== "*") return `has "${year}" as year, which must be *: Secrets Manager takes no other`;
  if (/W|L-/i.test(dayOfMonth)) {
    return `has "${dayOfMonth}" as day-of-month, which Secrets Manager does not know: W and L-… are EventBridge's alone`;
  }
  return undefined;
}
