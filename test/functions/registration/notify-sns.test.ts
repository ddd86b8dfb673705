import { expect, test } from "vitest";
import { notifySns } from "../../../functions/registration/notify-sns/step.ts";
import { controlPlane, EC2, EXECUTION, ID, OTHER_EC2 } from "../support.ts";

const HOUR_MS = 3600_000;
const refused = {
  id: ID,
  ec2InstanceId: OTHER_EC2,
  flag: "update" as const,
  reason: "NOT_OWNER" as const,
  failed: false as const,
  execution: EXECUTION,
};

test("a mail says who asked for what, what it means, what to do and where to look", async () => {
  const plane = await controlPlane();
  expect(await notifySns(refused, plane)).toEqual({ mailed: true });
  const [mail] = plane.mail.sent;
  expect(mail?.subject).toBe(`Keyturn: registration of ${ID} by ${OTHER_EC2} was refused (NOT_OWNER)`);
  for (const part of [
    "belongs to another host",
    "an impostor",
    "section Refused",
    EXECUTION,
    "console.aws.amazon.com/states",
  ]) {
    expect(mail?.text).toContain(part);
  }
});

test.each(["NOT_OWNER", "UNKNOWN_ID", "QUARANTINED", "RETIRED", "TOO_MANY_IDS"] as const)(
  "%s is explained",
  async (reason) => {
    const plane = await controlPlane();
    await notifySns({ ...refused, reason }, plane);
    expect(plane.mail.sent[0]?.text).toMatch(/It means: {3}The (host|instance|record) \w+/);
  },
);

test("each refusal is put on the bus and counted", async () => {
  const plane = await controlPlane();
  await notifySns(refused, plane);
  await notifySns(refused, plane);
  const { id, ec2InstanceId, flag, reason } = refused;
  const event = { detailType: "Registration Refused", detail: { id, ec2InstanceId, flag, reason } };
  expect(plane.bus.events).toEqual([event, event]);
  expect(plane.journal.counts).toEqual(["Registration REFUSED", "Registration REFUSED"]);
});

test("a caller that goes on asking is mailed of once a day", async () => {
  const plane = await controlPlane();
  await notifySns(refused, plane);
  plane.clock.at += 24 * HOUR_MS - 1;
  expect(await notifySns(refused, plane)).toEqual({ mailed: false });
  plane.clock.at += 1;
  expect(await notifySns(refused, plane)).toEqual({ mailed: true });
  expect(plane.mail.sent).toHaveLength(2);
});

test("another caller is mailed of at once", async () => {
  const plane = await controlPlane();
  await notifySns(refused, plane);
  expect(await notifySns({ ...refused, ec2InstanceId: EC2, id: "ffffff" }, plane)).toEqual({ mailed: true });
});

test("an impostor is mailed of, though the same host's registration failed an hour before", async () => {
  const plane = await controlPlane();
  await notifySns({ ...refused, reason: "TemporarilyUnavailable", failed: true }, plane);
  plane.clock.at += HOUR_MS;
  expect(await notifySns(refused, plane)).toEqual({ mailed: true });
});

test("a registration that failed is mailed, counted as that, and no refusal on the bus", async () => {
  const plane = await controlPlane();
  await notifySns({ ...refused, flag: "new", reason: "Lambda.Unknown", failed: true }, plane);
  expect(plane.bus.events).toEqual([]);
  expect(plane.journal.counts).toEqual(["Registration FAILED"]);
  expect(plane.mail.sent[0]?.text).toContain("the agent tries again");
});

test("a mail that cannot be sent is sent when the step runs again", async () => {
  const plane = await controlPlane();
  const silent = { ...plane, mail: { send: () => Promise.reject(new Error("topic away")) } };
  await expect(notifySns(refused, silent)).rejects.toThrow("topic away");
  expect(await notifySns(refused, plane)).toEqual({ mailed: true });
});
