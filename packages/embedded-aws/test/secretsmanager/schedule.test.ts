import {
  CancelRotateSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  type RotationRulesType,
} from "@aws-sdk/client-secrets-manager";
import { describe, expect, test } from "vitest";
import { scheduleOf } from "../../src/secretsmanager/schedule.ts";
import { DAY_MS, HOUR_MS, ROTATOR, startSecrets } from "./harness.ts";

/** A Friday. */
const NOON = Date.UTC(2026, 10, 20, 12, 34);

/** When windows open one after the other. */
function openings(rules: RotationRulesType, count: number, at = NOON): string[] {
  const schedule = scheduleOf(rules);
  const times: string[] = [];
  for (let last = at; times.length < count; ) {
    last = schedule?.nextAfter(last) ?? Number.NaN;
    times.push(new Date(last).toISOString().slice(0, 16));
  }
  return times;
}

describe("a schedule", () => {
  test.each<[string, RotationRulesType, string[]]>([
    ["in days", { AutomaticallyAfterDays: 30 }, ["2026-12-20T00:00", "2027-01-19T00:00"]],
    ["at a rate of days", { ScheduleExpression: "rate(1 day)" }, ["2026-11-21T00:00", "2026-11-22T00:00"]],
    ["at a rate of hours", { ScheduleExpression: "rate(4 hours)" }, ["2026-11-20T16:00", "2026-11-20T20:00"]],
    ["every day", { ScheduleExpression: "cron(0 10 * * ? *)" }, ["2026-11-21T10:00", "2026-11-22T10:00"]],
    ["later today", { ScheduleExpression: "cron(0 13 * * ? *)" }, ["2026-11-20T13:00", "2026-11-21T13:00"]],
    ["every Saturday", { ScheduleExpression: "cron(0 18 ? * SAT *)" }, ["2026-11-21T18:00", "2026-11-28T18:00"]],
    ["on weekdays", { ScheduleExpression: "cron(0 8 ? * MON-FRI *)" }, ["2026-11-23T08:00", "2026-11-24T08:00"]],
    ["on two days", { ScheduleExpression: "cron(0 16 1,15 * ? *)" }, ["2026-12-01T16:00", "2026-12-15T16:00"]],
    ["on the last day", { ScheduleExpression: "cron(0 17 L * ? *)" }, ["2026-11-30T17:00", "2026-12-31T17:00"]],
    ["on the first Sunday", { ScheduleExpression: "cron(0 0 ? * SUN#1 *)" }, ["2026-12-06T00:00", "2027-01-03T00:00"]],
    ["on the last Friday", { ScheduleExpression: "cron(0 0 ? * 6L *)" }, ["2026-11-27T00:00", "2026-12-25T00:00"]],
    ["at the end of a week", { ScheduleExpression: "cron(0 0 ? * L *)" }, ["2026-11-21T00:00", "2026-11-28T00:00"]],
    ["in some months", { ScheduleExpression: "cron(0 8 1 JAN,JUL ? *)" }, ["2027-01-01T08:00", "2027-07-01T08:00"]],
    ["every third month", { ScheduleExpression: "cron(0 1 * 1/3 SUN *)" }, ["2027-01-03T01:00", "2027-01-10T01:00"]],
    ["once a year", { ScheduleExpression: "cron(0 8 1 1 ? *)" }, ["2027-01-01T08:00", "2028-01-01T08:00"]],
    [
      "several times a day",
      { ScheduleExpression: "cron(0 2/10 * * ? *)" },
      ["2026-11-20T22:00", "2026-11-21T02:00", "2026-11-21T12:00"],
    ],
  ])("%s", (_, rules, times) => {
    expect(openings(rules, times.length)).toEqual(times);
  });

  test.each<[RotationRulesType, number]>([
    [{ AutomaticallyAfterDays: 1 }, 24],
    [{ AutomaticallyAfterDays: 1, Duration: "3h" }, 3],
    [{ ScheduleExpression: "rate(12 hours)" }, 1],
    [{ ScheduleExpression: "rate(12 hours)", Duration: "2h" }, 2],
    [{ ScheduleExpression: "cron(0 16 * * ? *)" }, 8],
    [{ ScheduleExpression: "cron(0 16 * * ? *)", Duration: "8h" }, 8],
    [{ ScheduleExpression: "cron(0 8,16 * * ? *)" }, 1],
  ])("of %o has windows of %i hours", (rules, hours) => {
    const schedule = scheduleOf(rules);
    const opens = schedule?.nextAfter(NOON) ?? 0;
    expect(schedule?.closes(opens)).toBe(opens + hours * HOUR_MS);
  });

  test.each<RotationRulesType>([
    { AutomaticallyAfterDays: 1, ScheduleExpression: "rate(1 day)" },
    { Duration: "3h" },
    { AutomaticallyAfterDays: 1, Duration: "25h" },
    { AutomaticallyAfterDays: 1, Duration: "3 hours" },
    { ScheduleExpression: "rate(3 hours)" },
    { ScheduleExpression: "rate(30 minutes)" },
    { ScheduleExpression: "rate(1000 days)" },
    { ScheduleExpression: "rate(4 hours)", Duration: "5h" },
    { ScheduleExpression: "cron(30 10 * * ? *)" },
    { ScheduleExpression: "cron(0 10 * * ? 2027)" },
    { ScheduleExpression: "cron(0 10 * * ?)" },
    { ScheduleExpression: "cron(0 10 1 * MON *)" },
    { ScheduleExpression: "cron(0 10 ? * ? *)" },
    { ScheduleExpression: "cron(0 * * * ? *)" },
    { ScheduleExpression: "cron(0 0,22 * * ? *)" },
    { ScheduleExpression: "cron(0 24 * * ? *)" },
    { ScheduleExpression: "cron(0 8 30 FEB ? *)" },
    { ScheduleExpression: "cron(0 8 ? * MON-SAT#2 *)" },
    { ScheduleExpression: "cron(0 16 * * ? *)", Duration: "9h" },
    { ScheduleExpression: "daily" },
  ])("%o is none", (rules) => {
    expect(() => scheduleOf(rules)).toThrow(expect.objectContaining({ code: "InvalidParameterException" }));
  });
});

type World = Awaited<ReturnType<typeof startSecrets>>;

function rotate({ client }: World, RotationRules: RotationRulesType, RotateImmediately = false) {
  const asked = { SecretId: "one", RotationLambdaARN: ROTATOR, RotationRules, RotateImmediately };
  return client.send(new RotateSecretCommand(asked));
}

const current = async ({ stages }: World) =>
  Object.entries(await stages("one")).find(([, labels]) => labels.includes("AWSCURRENT"))?.[0] ?? "";

test("a secret is turned when its window opens, and the next one is said as the last moment of it", async () => {
  const world = await startSecrets();
  const first = await world.create("one");
  await rotate(world, { AutomaticallyAfterDays: 2 });
  await world.until(() => world.rotator.events.length === 1);
  const opens = Date.UTC(2026, 10, 22);
  expect((await world.describe("one")).NextRotationDate).toEqual(new Date(opens + DAY_MS - 1000));
  await world.clock.move(opens - world.clock.now() - 1);
  expect(await current(world)).toBe(first);
  await world.clock.move(1);
  await world.until(async () => (await current(world)) !== first);
  await world.until(async () => (await world.describe("one")).LastRotatedDate !== undefined);
  expect((await world.describe("one")).NextRotationDate).toEqual(new Date(opens + 3 * DAY_MS - 1000));
});

test("a value that is put by hand counts as a rotation: days are counted from it", async () => {
  const world = await startSecrets();
  await world.create("one");
  await rotate(world, { AutomaticallyAfterDays: 2 });
  await world.until(() => world.rotator.events.length === 1);
  await world.clock.move(DAY_MS);
  await world.client.send(new PutSecretValueCommand({ SecretId: "one", SecretString: "by hand" }));
  expect((await world.describe("one")).NextRotationDate).toEqual(new Date(Date.UTC(2026, 10, 24) - 1000));
  await world.clock.move(DAY_MS);
  expect(await world.value("one")).toBe("by hand");
});

test("a schedule tries the version again that a failed rotation has left, and begins no other", async () => {
  const world = await startSecrets();
  await world.create("one");
  world.rotator.failing.add("setSecret");
  const { VersionId = "" } = await rotate(world, { ScheduleExpression: "rate(4 hours)" }, true);
  await world.until(() => world.log.length === 1);
  await world.clock.move(60_000);
  await world.until(() => world.log.length === 2);
  await world.clock.move(120_000);
  await world.until(() => world.log.length === 3);
  world.rotator.failing.clear();
  await world.clock.move(4 * HOUR_MS);
  await world.until(async () => (await current(world)) === VersionId);
});

test("a secret that can have no version more is not turned, which the log says, and is turned when it can", async () => {
  const world = await startSecrets();
  await world.create("one");
  for (let n = 0; n < 98; n += 1) {
    await world.client.send(new PutSecretValueCommand({ SecretId: "one", SecretString: `${n}` }));
  }
  await rotate(world, { ScheduleExpression: "rate(4 hours)" });
  await world.until(() => world.rotator.events.length === 1);
  const put = await world.client.send(new PutSecretValueCommand({ SecretId: "one", SecretString: "last" }));
  await world.clock.move(4 * HOUR_MS);
  await world.until(() => world.log.some((sentence) => sentence.includes("was not rotated on its schedule")));
  expect(await current(world)).toBe(put.VersionId);
  await world.clock.move(DAY_MS);
  await world.until(async () => (await current(world)) !== put.VersionId);
});

test("without a schedule, or once it is turned off, nothing is turned by itself", async () => {
  const world = await startSecrets();
  const first = await world.create("one");
  await rotate(world, { AutomaticallyAfterDays: 1 });
  await world.until(() => world.rotator.events.length === 1);
  await world.client.send(new CancelRotateSecretCommand({ SecretId: "one" }));
  expect((await world.describe("one")).NextRotationDate).toBeUndefined();
  await world.clock.move(5 * DAY_MS);
  expect(await current(world)).toBe(first);
});
