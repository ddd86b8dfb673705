import { expect, test } from "vitest";
import { summarize } from "../../../functions/fleet-rotation/summarize/step.ts";
import { controlPlane, NOW } from "../support.ts";

const RUN = "arn:aws:states:us-east-1:000000000000:execution:keyturn-fleet-rotation:run-1";
const run = { due: 5, turned: 5, skipped: 0, failed: 0, problem: "", execution: RUN };
const stopped = { ...run, turned: 1, failed: 4, problem: "TestFailure in ListDue" };
const KEY = { subject: "fleet", cause: "FleetRotationStopped" };
const A_QUARTER_HOUR_MS = 15 * 60_000;
const A_DAY_MS = 24 * 3600_000;

test("how the rotations of a run ended is told on the bus", async () => {
  const plane = await controlPlane();
  const counts = { due: 7, turned: 3, skipped: 2, failed: 2, stopped: false };
  expect(await summarize({ ...run, due: 7, turned: 3, skipped: 2, failed: 2 }, plane)).toEqual(counts);
  expect(plane.bus.events).toEqual([{ detailType: "Fleet Rotation Finished", detail: { ...counts, execution: RUN } }]);
});

test("a run mails nobody, whatever became of its rotations: each has told of itself", async () => {
  const plane = await controlPlane();
  await summarize(run, plane);
  await summarize({ ...run, turned: 0, failed: 5 }, plane);
  expect(plane.mail.sent).toEqual([]);
});

test("runs are counted by how they ended", async () => {
  const plane = await controlPlane();
  await summarize({ ...run, due: 0, turned: 0 }, plane);
  await summarize(stopped, plane);
  expect(plane.journal.counts).toEqual(["Run FINISHED", "Run STOPPED"]);
});

test("a run that found nothing due is not worth an event", async () => {
  const plane = await controlPlane();
  await summarize({ ...run, due: 0, turned: 0 }, plane);
  expect(plane.bus.events).toEqual([]);
});

test("a run that was stopped is told on the bus and by mail, also when nothing was due yet", async () => {
  const plane = await controlPlane();
  const summary = await summarize({ ...stopped, due: 0, turned: 0, failed: 0 }, plane);
  expect(summary).toEqual({ due: 0, turned: 0, skipped: 0, failed: 0, stopped: true });
  expect(plane.bus.events.map(({ detailType }) => detailType)).toEqual(["Fleet Rotation Finished", "Finding Opened"]);
  const [mail] = plane.mail.sent;
  expect(mail?.subject).toBe("Keyturn: FleetRotationStopped on the fleet");
  for (const part of [
    "Cause:      TestFailure in ListDue (0 due, 0 turned, 0 skipped, 0 failed).",
    "section FleetRotationStopped",
    `#/v2/executions/details/${RUN}`,
  ]) {
    expect(mail?.text).toContain(part);
  }
});

test("a day in which every run is stopped is one mail, and the first that goes well ends it", async () => {
  const plane = await controlPlane();
  for (let runs = 0; runs < 96; runs += 1) {
    await summarize({ ...stopped, execution: `${RUN}${runs}` }, plane);
    plane.clock.at += A_QUARTER_HOUR_MS;
  }
  expect(plane.mail.sent).toHaveLength(1);
  const standing = await plane.findings.find(KEY);
  expect(standing).toMatchObject({ since: NOW, times: 96, execution: `${RUN}0` });
  expect(standing).not.toHaveProperty("endedAt");

  for (let runs = 0; runs < 3; runs += 1) await summarize({ ...run, due: 0, turned: 0 }, plane);
  expect(await plane.findings.find(KEY)).toMatchObject({ endedAt: NOW + A_DAY_MS, endAnnouncedAt: NOW + A_DAY_MS });
  const findings = plane.bus.events.filter(({ detailType }) => detailType.startsWith("Finding"));
  expect(findings.map(({ detailType }) => detailType)).toEqual(["Finding Opened", "Finding Ended"]);
  expect(plane.mail.sent).toHaveLength(1);
});

test("a run over those whom somebody named says nothing of the runs over the fleet, but if it is stopped people are told", async () => {
  const plane = await controlPlane();
  await summarize({ ...stopped, named: true }, plane);
  expect(plane.mail.sent).toHaveLength(1);
  await summarize({ ...run, named: true }, plane);
  expect(await plane.findings.find(KEY)).not.toHaveProperty("endedAt");
  await summarize({ ...run, named: false }, plane);
  expect(await plane.findings.find(KEY)).toHaveProperty("endedAt");
});

test("one that is stopped within an hour of that is the same, and later than that another one", async () => {
  for (const [after, mails] of [
    [3600_000, 1],
    [3600_001, 2],
  ] as const) {
    const plane = await controlPlane();
    await summarize(stopped, plane);
    await summarize(run, plane);
    plane.clock.at += after;
    await summarize(stopped, plane);
    expect(plane.mail.sent).toHaveLength(mails);
  }
});

test("two runs that are stopped at once are one mail", async () => {
  const plane = await controlPlane();
  await Promise.all([summarize(stopped, plane), summarize({ ...stopped, execution: `${RUN}0` }, plane)]);
  expect(plane.mail.sent).toHaveLength(1);
});

test("a mail that cannot be sent is sent when the step runs again", async () => {
  const plane = await controlPlane();
  const mail = { send: () => Promise.reject(new Error("topic away")) };
  await expect(summarize(stopped, { ...plane, mail })).rejects.toThrow("topic away");
  await summarize(stopped, plane);
  expect(plane.mail.sent).toHaveLength(1);
});

test("an end that the bus did not take is left to whoever looks next", async () => {
  const plane = await controlPlane();
  await summarize(stopped, plane);
  const bus = { put: () => Promise.reject(new Error("bus away")) };
  await expect(summarize({ ...run, due: 0 }, { ...plane, bus })).rejects.toThrow("bus away");
  expect(await plane.findings.find(KEY)).toMatchObject({ endedAt: NOW });
  expect(await plane.findings.find(KEY)).not.toHaveProperty("endAnnouncedAt");
});
