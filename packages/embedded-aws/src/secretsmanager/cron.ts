const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** The times of a cron expression of Secrets Manager, which are whole hours of UTC. */
export interface Cron {
  /** The hours at which it opens on its days, in order. */
  hours: number[];
  /** Its first time after a moment; none where it has none within a year. */
  nextAfter(at: number): number | undefined;
}

/**
 * Reads what stands in `cron(…)`: minutes (0), hours, days of the month, months, days of the week, years (`*`).
 *
 * @returns undefined when it is none that Secrets Manager knows
 */
export function cronOf(expression: string): Cron | undefined {
  const fields = expression.toUpperCase().split(" ");
  const [minutes, hourField = "", dayField = "", monthField = "", weekdayField = "", years] = fields;
  if (fields.length !== 6 || minutes !== "0" || years !== "*") return undefined;
  const hours = valuesOf(hourField, 0, 23);
  const months = valuesOf(monthField, 1, 12, MONTHS);
  const day = monthDayOf(dayField);
  const weekday = weekdayOf(weekdayField);
  if (!hours || !months || !day || !weekday) return undefined;
  // One of the two says which days, and the other nothing.
  const saysNothing = [dayField, weekdayField].map((field) => field === "?" || field === "*");
  if (!saysNothing.includes(true) || (dayField === "?" && weekdayField === "?")) return undefined;
  const sorted = [...hours].sort((a, b) => a - b);
  return {
    hours: sorted,
    nextAfter(at) {
      const today = Math.floor(at / DAY_MS) * DAY_MS;
      for (let start = today; start <= today + 366 * DAY_MS; start += DAY_MS) {
        const date = new Date(start);
        if (!months.has(date.getUTCMonth() + 1) || !day(date) || !weekday(date)) continue;
        const hour = sorted.find((one) => start + one * HOUR_MS > at);
        if (hour !== undefined) return start + hour * HOUR_MS;
      }
      return undefined;
    },
  };
}

type DayTest = (date: Date) => boolean;

function monthDayOf(field: string): DayTest | undefined {
  if (field === "?") return () => true;
  if (field === "L") return isLastDay;
  const days = valuesOf(field, 1, 31);
  return days && ((date) => days.has(date.getUTCDate()));
}

/** Days count from Sunday, which is 1. `6L` is the last Friday of a month, `FRI#2` the second. */
function weekdayOf(field: string): DayTest | undefined {
  if (field === "?") return () => true;
  if (field === "L") return (date) => date.getUTCDay() === 6;
  const [, name = field, which = ""] = /^(\w+?)(L|#[1-5])$/.exec(field) ?? [];
  const days = valuesOf(name, 1, 7, WEEKDAYS);
  if (days === undefined || (which !== "" && days.size > 1)) return undefined;
  const isIt: DayTest = (date) => days.has(date.getUTCDay() + 1);
  if (which === "") return isIt;
  if (which === "L") return (date) => isIt(date) && isLastDay(new Date(date.getTime() + 6 * DAY_MS), date);
  return (date) => isIt(date) && Math.ceil(date.getUTCDate() / 7) === Number(which.slice(1));
}

/** Whether the day after `date` is in another month than `of`. */
function isLastDay(date: Date, of: Date = date): boolean {
  return new Date(date.getTime() + DAY_MS).getUTCMonth() !== of.getUTCMonth();
}

/** The numbers that a field names: `*`, `3`, `1-5`, `2/10`, and several of these with commas. */
function valuesOf(field: string, least: number, most: number, names: string[] = []): Set<number> | undefined {
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const [, range = "", step] = /^([^/]+)(?:\/([1-9]\d?))?$/.exec(part) ?? [];
    const [first, last, ...rest] = range.split("-");
    const from = range === "*" ? least : numberOf(first ?? "", names);
    const open = range === "*" || (step !== undefined && last === undefined);
    const to = last === undefined ? (open ? most : from) : numberOf(last, names);
    if (from === undefined || to === undefined || rest.length > 0) return undefined;
    if (from < least || to > most || from > to) return undefined;
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

function numberOf(text: string, names: string[]): number | undefined {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const place = names.indexOf(text);
  return place < 0 ? undefined : place + 1;
}
