/** A day of the calendar, wherever it is. */
export interface Day {
  year: number;
  /** 1 to 12. */
  month: number;
  /** 1 to 31. */
  day: number;
}

/** When a cron expression fires, by the clocks of its time zone. */
export interface Cron {
  /** At which minutes of a day, ascending: 0 is midnight. */
  times: number[];
  /** Whether it fires on a day. */
  firesOn(day: Day): boolean;
}

interface Field {
  name: string;
  least: number;
  most: number;
  /** What may stand there, for whoever has written something else. */
  takes: string;
  /** Names of its values, from the least on. */
  names?: readonly string[];
  /** Whether `/` may stand in it. */
  steps: boolean;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"] as const;
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] as const;

const LISTS = "a number, a range such as 1-5, a list such as 1,3, steps such as 0/15, or *";
const LISTED = "in lists, ranges and steps";
const MINUTES: Field = { name: "minutes", least: 0, most: 59, steps: true, takes: `0 to 59: ${LISTS}` };
const HOURS: Field = { name: "hours", least: 0, most: 23, steps: true, takes: `0 to 23: ${LISTS}` };
const DAY_OF_MONTH: Field = {
  ...{ name: "day-of-month", least: 1, most: 31, steps: true },
  takes: `1 to 31, ${LISTED}, or ?, *, L, LW, L-3 (before the last) or 15W (the nearest weekday)`,
};
const MONTH: Field = {
  ...{ name: "month", least: 1, most: 12, steps: true, names: MONTHS },
  takes: `1 to 12 or JAN to DEC, ${LISTED}, or *`,
};
const DAY_OF_WEEK: Field = {
  ...{ name: "day-of-week", least: 1, most: 7, steps: false, names: WEEKDAYS },
  takes: "1 to 7 or SUN to SAT, in lists and ranges, or ?, *, L, 6L (the last Friday) or 2#1 (the first Monday)",
};
const YEAR: Field = {
  ...{ name: "year", least: 1970, most: 2199, steps: true },
  takes: `1970 to 2199, ${LISTED}, or *`,
};

/**
 * Takes a cron expression apart, as EventBridge Scheduler documents it, and as Quartz has it, which stands behind that: names
 * in capitals or not, `LW` and `L-3`. A range that ends before it begins is refused: what is meant can be written as a list.
 *
 * @param expression e.g. `cron(0 3 * * ? *)`
 * @returns what is wrong with it instead, as a sentence goes on after the setting's name
 */
export function readCron(expression: string): Cron | string {
  const fields = /^cron\((.*)\)$/.exec(expression)?.[1]?.trim().split(/\s+/) ?? [];
  if (fields.length !== 6) {
    return 'must have six fields, such as "cron(0 3 * * ? *)": minutes hours day-of-month month day-of-week year';
  }
  const [minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = fields;
  const minutes = numbersOf(minute, MINUTES);
  const hours = numbersOf(hour, HOURS);
  const isDayOfMonth = daysOfMonth(dayOfMonth);
  const months = numbersOf(month, MONTH);
  const isWeekday = daysOfWeek(dayOfWeek);
  const years = numbersOf(year, YEAR);
  if (minutes === undefined) return unfit(minute, MINUTES);
  if (hours === undefined) return unfit(hour, HOURS);
  if (isDayOfMonth === undefined) return unfit(dayOfMonth, DAY_OF_MONTH);
  if (months === undefined) return unfit(month, MONTH);
  if (isWeekday === undefined) return unfit(dayOfWeek, DAY_OF_WEEK);
  if (years === undefined) return unfit(year, YEAR);
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    return `has "${dayOfMonth}" as day-of-month and "${dayOfWeek}" as day-of-week, of which exactly one must be ?`;
  }
  const isDay = dayOfWeek === "?" ? isDayOfMonth : isWeekday;
  return {
    times: hours.flatMap((h) => minutes.map((m) => 60 * h + m)),
    firesOn: (day) => years.includes(day.year) && months.includes(day.month) && isDay(day),
  };
}

function unfit(text: string, { name, takes }: Field): string {
  return `has "${text}" as ${name}, which must be ${takes}`;
}

/** The values that a field lists, ascending, each once; undefined when it is malformed. */
function numbersOf(text: string, field: Field): number[] | undefined {
  const all = new Set<number>();
  for (const part of text.split(",")) {
    const [, from = "", to, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? [];
    const first = from === "*" ? field.least : numberOf(from, field);
    // What has no end of its own goes on to the end of the field, if it goes on.
    const open = from === "*" || step !== undefined ? field.most : first;
    const last = to === undefined ? open : numberOf(to, field);
    const by = Number(step ?? 1);
    if (first === undefined || last === undefined || last < first || (from === "*" && to !== undefined))
      return undefined;
    if (step !== undefined && (!field.steps || by < 1 || by > field.most - field.least)) return undefined;
    for (let value = first; value <= last; value += by) all.add(value);
  }
  return [...all].sort((a, b) => a - b);
}

function numberOf(text: string, { least, most, names = [] }: Field): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  const value = named === -1 ? Number(/^\d{1,4}$/.exec(text)?.[0]) : least + named;
  return value >= least && value <= most ? value : undefined;
}

type IsDay = (day: Day) => boolean;

function daysOfMonth(text: string): IsDay | undefined {
  if (text === "?") return () => true;
  const [, before, nearest] = /^(?:L(?:-(\d{1,2}))?|(\d{1,2}|L)W)$/i.exec(text) ?? [];
  if (nearest !== undefined) {
    if (nearest.toUpperCase() === "L") return (day) => day.day === nearestWeekday({ ...day, day: daysIn(day) });
    const wanted = numberOf(nearest, DAY_OF_MONTH);
    if (wanted === undefined) return undefined;
    return (day) => wanted <= daysIn(day) && day.day === nearestWeekday({ ...day, day: wanted });
  }
  if (/^L/i.test(text)) {
    const back = Number(before ?? 0);
    return /^L(-\d+)?$/i.test(text) && back <= 30 ? (day) => day.day === daysIn(day) - back : undefined;
  }
  const listed = numbersOf(text, DAY_OF_MONTH);
  return listed && (({ day }) => listed.includes(day));
}

function daysOfWeek(text: string): IsDay | undefined {
  if (text === "?") return () => true;
  if (/^L$/i.test(text)) return (day) => weekdayOf(day) === 7;
  const [, name = "", which, nth] = /^(\w+?)(?:(L)|#([1-5]))$/i.exec(text) ?? [];
  if (which !== undefined || nth !== undefined) {
    const wanted = numberOf(name, DAY_OF_WEEK);
    if (wanted === undefined) return undefined;
    return (day) =>
      weekdayOf(day) === wanted &&
      (nth === undefined ? day.day + 7 > daysIn(day) : Math.ceil(day.day / 7) === Number(nth));
  }
  const listed = numbersOf(text, DAY_OF_WEEK);
  return listed && ((day) => listed.includes(weekdayOf(day)));
}

/** 1 on a Sunday, 7 on a Saturday. */
function weekdayOf({ year, month, day }: Day): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

function daysIn({ year, month }: Pick<Day, "year" | "month">): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The day of the month nearest to a day that is no Saturday and no Sunday, in the same month. */
function nearestWeekday(day: Day): number {
  const weekday = weekdayOf(day);
  if (weekday === 7) return day.day === 1 ? 3 : day.day - 1;
  if (weekday === 1) return day.day === daysIn(day) ? day.day - 2 : day.day + 1;
  return day.day;
}
