import { expect, test } from "vitest";
import { summarize } from "../../../functions/fleet-rotation/summarize/step.ts";
import { controlPlane, EC2, EXECUTION, ID, NOW, pendingOf, ROTATE_EVERY_MS } from "../support.ts";
import { addInstance, alertOf } from "./instances.ts";

const RUN = "arn:aws:states:us-east-1:000000000000:execution:keyturn-fleet-rotation:run-1";
const run = { due: 5, turned: 5, skipped: 0, failed: 0, problem: "", execution: RUN };
const A_DAY_MS = 24 * 3600 * 1000;

test("how the rotations of a run ended is told on the bus", async () => {
  const plane = await controlPlane();
  const counts = { due: 7, turned: 3, skipped: 2, failed: 2, stopped: false };
  expect(await summarize({ ...run, due: 7, turned: 3, skipped: 2, failed: 2 }, plane)).toEqual(counts);
  expect(plane.bus.events).toEqual([{ detailType: "Fleet Rotation Finished", detail: { ...counts, execution: RUN } }]);
});

test("a run without anything wrong mails nobody", async () => {
  const plane = await controlPlane();
  await summarize(run, plane);
  expect(plane.mail.sent).toEqual([]);
  expect(plane.journal.durations.OldestKeyAge).toBeUndefined();
});

test("a run that found nothing due is not worth an event", async () => {
  const plane = await controlPlane();
  await summarize({ ...run, due: 0, turned: 0 }, plane);
  expect(plane.bus.events).toEqual([]);
});

test("a run that was stopped is told on the bus and by mail, also when nothing was due yet", async () => {
  const plane = await controlPlane();
  const problem = "TestFailure in ListDue";
  const summary = await summarize({ ...run, due: 0, turned: 0, problem }, plane);
  expect(summary).toEqual({ due: 0, turned: 0, skipped: 0, failed: 0, stopped: true });
  expect(plane.bus.events).toHaveLength(1);
  const [mail] = plane.mail.sent;
  expect(mail?.subject).toBe("Keyturn: the run over the fleet was stopped");
  expect(mail?.text).toContain(`Stopped:    ${problem}`);
  expect(mail?.text).toContain(`#/v2/executions/details/${RUN}`);
});

test("one new alert is mailed by name, with what it means and what to do, and is not new any more", async () => {
  const plane = await controlPlane({ alert: alertOf({ since: NOW - 1000 }) });
  await summarize({ ...run, turned: 4, failed: 1 }, plane);
  const [mail] = plane.mail.sent;
  expect(mail?.subject).toBe(`Keyturn: MISMATCH on ${ID} (${EC2})`);
  for (const part of [
    "5 due, 4 turned, 0 skipped, 1 failed",
    `New:\n  ${ID} (${EC2}): MISMATCH since 2026-11-20 02:59:59 UTC, next try from 2026-11-20 03:00:00 UTC on`,
    "It means: ",
    "To do:    Find out who touched the key file",
    RUN,
  ]) {
    expect(mail?.text).toContain(part);
  }
  expect((await plane.record()).alert).toEqual(alertOf({ since: NOW - 1000, mailedAt: NOW }));
});

test.each([
  ["STOPPED", "next try when its host runs again"],
  ["QUARANTINED", "next try none while it is in quarantine"],
] as const)("no run is promised to one that is %s by then", async (status, said) => {
  const plane = await controlPlane({ alert: alertOf({ since: NOW - 1000 }), status });
  await summarize({ ...run, turned: 4, failed: 1 }, plane);
  expect(plane.mail.sent[0]?.text).toContain(said);
});

test("several are gathered in one mail, each kind explained once", async () => {
  const plane = await controlPlane({ alert: alertOf() });
  await addInstance(plane, "bbbbbb", { alert: alertOf() });
  await addInstance(plane, "cccccc", { alert: alertOf({ what: "STALE" }) });
  await summarize(run, plane);
  expect(plane.mail.sent).toHaveLength(1);
  const [mail] = plane.mail.sent;
  expect(mail?.subject).toBe("Keyturn: MISMATCH, STALE on 3 instances");
  expect(mail?.text.match(/It means: /g)).toHaveLength(2);
  for (const id of [ID, "bbbbbb", "cccccc"]) expect(mail?.text).toContain(`  ${id} (i-`);
});

test("an alert that a run which died left unmailed is in the next run's mail", async () => {
  const plane = await controlPlane({ alert: alertOf({ since: NOW - 3 * A_DAY_MS }) });
  await summarize({ ...run, due: 0, turned: 0 }, plane);
  expect(plane.mail.sent.map(({ subject }) => subject)).toEqual([`Keyturn: MISMATCH on ${ID} (${EC2})`]);
});

test("what still stands is mailed once a day", async () => {
  const plane = await controlPlane({ alert: alertOf({ mailedAt: NOW }) });
  const mailsAt: number[] = [];
  for (let hour = 1; hour <= 50; hour += 1) {
    plane.clock.at = NOW + hour * 3600_000;
    const before = plane.mail.sent.length;
    await summarize({ ...run, due: 0, turned: 0 }, plane);
    if (plane.mail.sent.length > before) mailsAt.push(hour);
  }
  expect(mailsAt).toEqual([24, 48]);
  expect(plane.mail.sent[0]?.text).toContain(`Still standing:\n  ${ID}`);
  expect(plane.mail.sent[0]?.text).not.toContain("New:");
});

test("what stands since less than a day is not repeated in the mail about something new", async () => {
  const plane = await controlPlane({ alert: alertOf({ mailedAt: NOW - A_DAY_MS + 1 }) });
  await addInstance(plane, "bbbbbb", { alert: alertOf({ what: "STALE" }) });
  await summarize(run, plane);
  expect(plane.mail.sent[0]?.subject).toContain("STALE on bbbbbb");
  expect(plane.mail.sent[0]?.text).not.toContain(ID);
});

test("fifty are named under a heading, the rest is counted, and none of them is mailed about again", async () => {
  const plane = await controlPlane();
  for (let n = 1; n <= 53; n += 1) await addInstance(plane, n.toString(16).padStart(6, "0"), { alert: alertOf() });
  await summarize(run, plane);
  const [mail] = plane.mail.sent;
  expect(mail?.subject).toBe("Keyturn: MISMATCH on 53 instances");
  expect(mail?.text.match(/MISMATCH since/g)).toHaveLength(50);
  expect(mail?.text).toContain("  and 3 more\n");
  await summarize(run, plane);
  expect(plane.mail.sent).toHaveLength(1);
});

test("what is mended while the mail goes out stays mended", async () => {
  const plane = await controlPlane({ alert: alertOf() });
  const pending = await pendingOf(plane.instance, plane.vault, "ab".repeat(32));
  await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW });
  const mail = {
    async send() {
      const dueAt = NOW + ROTATE_EVERY_MS;
      await plane.registry.promote(ID, {
        ...{ generation: 2, receiptDigest: pending.receiptDigest, execution: EXECUTION },
        ...{ at: NOW, dueAt, keepAlert: false },
      });
    },
  };
  await summarize(run, { ...plane, mail });
  expect((await plane.record()).alert).toBeUndefined();
});

test("an alert that begins while the mail about another goes out is new for the next run", async () => {
  const plane = await controlPlane({ alert: alertOf() });
  const later = alertOf({ what: "STALE", since: NOW + 1 });
  const mail = {
    async send() {
      await plane.registry.setAlert(ID, { generation: 1, alert: later, dueAt: NOW });
    },
  };
  await summarize(run, { ...plane, mail });
  expect((await plane.record()).alert).toEqual(later);
  await summarize(run, plane);
  expect(plane.mail.sent.map(({ subject }) => subject)).toEqual([`Keyturn: STALE on ${ID} (${EC2})`]);
});

test("a death between the mail and its note mails twice rather than never", async () => {
  const plane = await controlPlane({ alert: alertOf() });
  const dies = { ...plane.registry, noteAlertMailed: () => Promise.reject(new Error("died")) };
  await expect(summarize(run, { ...plane, registry: dies })).rejects.toThrow("died");
  await summarize(run, plane);
  await summarize(run, plane);
  expect(plane.mail.sent).toHaveLength(2);
});

test("when the mail cannot be sent, nothing is noted as mailed", async () => {
  const plane = await controlPlane({ alert: alertOf() });
  const mail = { send: () => Promise.reject(new Error("topic away")) };
  await expect(summarize(run, { ...plane, mail })).rejects.toThrow("topic away");
  expect((await plane.record()).alert).toEqual(alertOf());
});

test("the age of the oldest key among the alerted is measured", async () => {
  const plane = await controlPlane({ alert: alertOf({ mailedAt: NOW }) });
  const record = await addInstance(plane, "bbbbbb", { alert: alertOf({ mailedAt: NOW }) });
  plane.registry.records.set(record.id, { ...record, current: { ...record.current, since: NOW - 10 * A_DAY_MS } });
  await summarize(run, plane);
  expect(plane.journal.durations.OldestKeyAge).toEqual([10 * A_DAY_MS]);
});
