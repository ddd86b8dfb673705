import { describe, expect, test } from "vitest";
import { type Day, readCron } from "../../infra/settings/cron.ts";
import { pausesOf } from "../../infra/settings/pause.ts";
import { isTimeZone } from "../../infra/settings/time-zone.ts";

const NOW = Date.parse("2026-11-27T12:00:00Z");

/** On which days of a month a cron fires. */
function daysOf(expression: string, { year, month }: Omit<Day, "day">): number[] {
  const cron = readCron(expression);
  if (typeof cron === "string") throw new Error(cron);
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Array.from({ length: last }, (_, i) => i + 1).filter((day) => cron.firesOn({ year, month, day }));
}

describe("a cron of EventBridge Scheduler", () => {
  test.each([
    // As AWS's guides have them.
    ...["cron(15 10 ? * 6L 2022-2023)", "cron(30 8 * * ? *)", "cron(30 2 * * ? *)", "cron(0 10 * * ? *)"],
    ...["cron(0 18 ? * MON-FRI *)", "cron(0 8 1 * ? *)", "cron(0/15 * * * ? *)", "cron(0/10 * ? * MON-FRI *)"],
    ...["cron(0/5 8-17 ? * MON-FRI *)", "cron(0 9 ? * 2#1 *)", "cron(1/10 0 7 JAN,FEB,MAR ? 1970-2199)"],
    ...["cron(15 12 * * ? *)", "cron(0 0 3W * ? *)", "cron(0 0 L * ? *)", "cron(0 0 ? * L *)", "cron(0 20 1-15 * ? *)"],
    // As Quartz has them.
    ...[
      "cron(0 21 LW * ? *)",
      "cron(0 2 L-3 * ? *)",
      "cron(0 2 ? * 5L *)",
      "cron(0 2 ? jan-mar mon#1 *)",
      "cron(0 2 ? * FRIL *)",
    ],
    ...["cron(*/15 0/6,23 1-31/2 1/3 ? 2026/2)", "cron(05 03 01 01 ? *)", "cron(0  3 * * ?  *)"],
  ])("%s is one", (expression) => {
    expect(readCron(expression)).toMatchObject({ times: expect.any(Array) });
  });

  test.each([
    ["cron(61 3 * * ? *)", 'has "61" as minutes, which must be 0 to 59'],
    ["cron(0 25 * * ? *)", 'has "25" as hours, which must be 0 to 23'],
    ["cron(0 3 32 * ? *)", 'has "32" as day-of-month, which must be 1 to 31'],
    ["cron(0 3 0 * ? *)", 'has "0" as day-of-month'],
    ["cron(0 3 32W * ? *)", 'has "32W" as day-of-month'],
    ["cron(0 3 L-31 * ? *)", 'has "L-31" as day-of-month'],
    ["cron(0 3 1,L * ? *)", 'has "1,L" as day-of-month'],
    ["cron(0 3 * 13 ? *)", 'has "13" as month, which must be 1 to 12 or JAN to DEC'],
    ["cron(0 3 * ? ? *)", 'has "?" as month'],
    ["cron(0 3 ? * 8 *)", 'has "8" as day-of-week, which must be 1 to 7 or SUN to SAT'],
    ["cron(0 3 ? * 0 *)", 'has "0" as day-of-week'],
    ["cron(0 3 ? * MON#6 *)", 'has "MON#6" as day-of-week'],
    ["cron(0 3 ? * 3#1,6#3 *)", 'has "3#1,6#3" as day-of-week'],
    ["cron(0 3 ? * 2/2 *)", 'has "2/2" as day-of-week'],
    ["cron(0 3 ? * FRI-MON *)", 'has "FRI-MON" as day-of-week'],
    ["cron(0 3 * * ? 1969)", 'has "1969" as year, which must be 1970 to 2199'],
    ["cron(0 3 * * ? 2200)", 'has "2200" as year'],
    ["cron(a b c d ? f)", 'has "a" as minutes'],
    ["cron(0/0 3 * * ? *)", 'has "0/0" as minutes'],
    ["cron(0/60 3 * * ? *)", 'has "0/60" as minutes'],
    ["cron(*-5 3 * * ? *)", 'has "*-5" as minutes'],
    ["cron(5- 3 * * ? *)", 'has "5-" as minutes'],
    ["cron(, 3 * * ? *)", 'has "," as minutes'],
    ["cron(-1 3 * * ? *)", 'has "-1" as minutes'],
    ["cron(0 3 * * * *)", 'has "*" as day-of-month and "*" as day-of-week, of which exactly one must be ?'],
    ["cron(0 3 1 * MON *)", 'has "1" as day-of-month and "MON" as day-of-week, of which exactly one must be ?'],
    ["cron(0 3 ? * ? *)", 'has "?" as day-of-month and "?" as day-of-week, of which exactly one must be ?'],
    ["cron(0 3 * * ?)", "must have six fields"],
    ["cron(0 0 3 * * ? *)", "must have six fields"],
    ["cron()", "must have six fields"],
  ])("%s is none, and the field is named", (expression, fault) => {
    expect(readCron(expression)).toContain(fault);
  });

  test.each([
    ["cron(0 9 ? * MON#1 *)", [7]],
    ["cron(0 9 ? * 6L *)", [25]],
    ["cron(0 9 ? * L *)", [5, 12, 19, 26]],
    ["cron(0 9 ? * SUN,SAT *)", [5, 6, 12, 13, 19, 20, 26, 27]],
    ["cron(0 9 L * ? *)", [31]],
    ["cron(0 9 L-3 * ? *)", [28]],
    ["cron(0 9 LW * ? *)", [31]],
    // The fifth is a Saturday, the sixth a Sunday.
    ["cron(0 9 5W * ? *)", [4]],
    ["cron(0 9 6W * ? *)", [7]],
    ["cron(0 9 1/10 * ? *)", [1, 11, 21, 31]],
    ["cron(0 9 * JAN ? *)", []],
    ["cron(0 9 L * ? 2027)", []],
  ])("%s fires in December 2026 on %j", (expression, days) => {
    expect(daysOf(expression, { year: 2026, month: 12 })).toEqual(days);
  });

  test("the nearest weekday stays in its month", () => {
    expect(daysOf("cron(0 9 1W * ? *)", { year: 2026, month: 8 })).toEqual([3]);
    expect(daysOf("cron(0 9 31W * ? *)", { year: 2027, month: 1 })).toEqual([29]);
    expect(daysOf("cron(0 9 31W * ? *)", { year: 2027, month: 2 })).toEqual([]);
    expect(daysOf("cron(0 9 LW * ? *)", { year: 2027, month: 2 })).toEqual([26]);
  });
});

describe("the longest pause of a schedule", () => {
  test.each([
    ["rate(15 minutes)", "UTC", 0.25],
    ["rate(1 day)", "Europe/Berlin", 24],
    ["cron(0 3 * * ? *)", "UTC", 24],
    // The night in which the clocks are put back is longer,
    ["cron(0 3 * * ? *)", "Europe/Berlin", 25],
    // and in the other one there is no half past two.
    ["cron(30 2 * * ? *)", "Europe/Berlin", 47],
    ["cron(30 2,14 * * ? *)", "America/New_York", 23],
    ["cron(0 * * * ? *)", "UTC", 1],
    // Two o'clock comes twice, and is fired at once.
    ["cron(0 * * * ? *)", "Europe/Berlin", 2],
    ["cron(0/15 8-17 ? * MON-FRI *)", "UTC", 62.25],
    ["cron(0 9 ? * MON *)", "UTC", 168],
    ["cron(0 9 ? * MON *)", "Europe/Berlin", 169],
    ["cron(0 9 1 * ? *)", "UTC", 31 * 24],
    ["cron(0 9 ? * MON#1 *)", "UTC", 35 * 24],
    ["cron(0 9 1 1 ? *)", "UTC", 366 * 24],
    ["cron(0 9 29 2 ? *)", "UTC", 1461 * 24],
    // From now on, it is waited for.
    ["cron(0 12 27 NOV ? 2028/1)", "UTC", (365 + 366) * 24],
  ])("of %s in %s is %d hours", (expression, timeZone, hours) => {
    expect(pausesOf(expression, timeZone, NOW)?.longest).toBe(hours * 60);
  });

  test.each([
    ["rate(15 minutes)", "UTC", 0.25],
    ["cron(0 3 * * ? *)", "UTC", 24],
    ["cron(0 3 * * ? *)", "Europe/Berlin", 23],
    ["cron(0/15 8-17 ? * MON-FRI *)", "UTC", 0.25],
    ["cron(0 9,17 * * ? *)", "UTC", 8],
    ["cron(0 1,23 * * ? *)", "UTC", 2],
    ["cron(0 9 ? * MON#1 *)", "UTC", 28 * 24],
  ])("of %s in %s is %d hours where it is shortest", (expression, timeZone, hours) => {
    expect(pausesOf(expression, timeZone, NOW)?.shortest).toBe(hours * 60);
  });

  test.each(["cron(0 9 30 2 ? *)", "cron(15 10 ? * 6L 2022-2023)", "cron(0 9 27 11 ? 2026)"])(
    "%s never fires any more",
    (expression) => {
      expect(pausesOf(expression, "UTC", NOW)).toBeUndefined();
    },
  );
});

describe("a time zone", () => {
  test.each([
    ...["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "Asia/Calcutta", "Europe/Kyiv"],
    ...["EST5EDT", "CET", "Etc/UTC", "Etc/GMT+5", "GMT", "US/Eastern", "America/Port-au-Prince", "Japan"],
  ])("%s is one", (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  test.each([
    ...["Europe/Berln", "europe/berlin", "Europe/berlin", "utc", "+01:00", "GMT+1", "PST", "IST", "SystemV/EST5"],
    ...["Mars/Phobos", "Berlin", "", " UTC", "Factory"],
  ])("%j is none", (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
