import { readCron } from "./cron.ts";

const RATE = /^rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)$/;

/**
 * What is wrong with when something comes again and again, as EventBridge Scheduler writes it.
 *
 * @param expression e.g. `rate(15 minutes)`, `cron(0 3 * * ? *)`
 * @param like says what it must be like, where it is neither a rate nor a cron
 * @returns a sentence that goes on after the setting's name; undefined when nothing is wrong
 */
export function faultOfExpression(expression: string, like: string): string | undefined {
  if (/^cron\(.*\)$/.test(expression)) {
    const cron = readCron(expression);
    return typeof cron === "string" ? cron : undefined;
  }
  return RATE.test(expression) ? undefined : like;
}
