import { expect, test } from "vitest";
import { notifySns } from "../../../functions/registration/notify-sns/step.ts";
import { type ControlPlane, controlPlane, EC2, EXECUTION, ID, OTHER_EC2 } from "../support.ts";

const HOUR_MS = 3600_000;
const subjects = (plane: ControlPlane) => plane.mail.sent.map(({ subject }) => subject);
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
  expect(await notifySns(refused, plane)).toEqual({});
  const [mail] = plane.mail.sent;
  expect(mail?.subject).toBe(`Keyturn: NOT_OWNER on ${OTHER_EC2} (${ID})`);
  for (const part of [
    `${OTHER_EC2} asked to register ${ID} (update): NOT_OWNER`,
    "belongs to another host",
    "an impostor",
    "section Refused",
    `aws ec2 describe-instances --instance-ids ${OTHER_EC2}`,
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
    expect(plane.mail.sent[0]?.text).toMatch(/It means: {3}A host \w+/);
  },
);

test("each refusal is put on the bus and counted", async () => {
  const plane = await controlPlane();
  await notifySns(refused, plane);
  await notifySns(refused, plane);
  const { id, ec2InstanceId, flag, reason } = refused;
  const event = { detailType: "Registration Refused", detail: { id, ec2InstanceId, flag, reason } };
  expect(plane.bus.events.filter(({ detailType }) => detailType !== "Finding Opened")).toEqual([event, event]);
  expect(plane.journal.counts).toEqual(["Registration REFUSED", "Registration REFUSED"]);
});

test("a caller that goes on asking is mailed of once, under however many IDs", async () => {
  const plane = await controlPlane();
  for (let n = 0; n < 40; n += 1) {
    await notifySns({ ...refused, id: n.toString(16).padStart(6, "0"), execution: `${EXECUTION}-${n}` }, plane);
    plane.clock.at += 80;
  }
  expect(plane.mail.sent).toHaveLength(1);
  expect(await plane.findings.find({ subject: OTHER_EC2, cause: "NOT_OWNER" })).toMatchObject({ times: 40 });
  plane.clock.at += 30 * 24 * HOUR_MS;
  await notifySns(refused, plane);
  expect(plane.mail.sent).toHaveLength(1);
});

test("forty at once under one host's credentials are one mail, and no storm", async () => {
  const plane = await controlPlane();
  const ids = Array.from({ length: 40 }, (_, n) => n.toString(16).padStart(6, "0"));
  await Promise.all(ids.map((id) => notifySns({ ...refused, id, reason: "TOO_MANY_IDS" }, plane)));
  expect(plane.mail.sent).toHaveLength(1);
  expect((await plane.findings.listOpen()).findings).toMatchObject([{ subject: OTHER_EC2, toldAt: plane.now() }]);
});

test("a harmless refusal hides none of another reason, however often either comes", async () => {
  const plane = await controlPlane();
  await notifySns({ ...refused, reason: "RETIRED" }, plane);
  for (let times = 0; times < 500; times += 1) await notifySns(refused, plane);
  await notifySns({ ...refused, reason: "RETIRED" }, plane);
  expect(subjects(plane)).toEqual([
    `Keyturn: RETIRED on ${OTHER_EC2} (${ID})`,
    `Keyturn: NOT_OWNER on ${OTHER_EC2} (${ID})`,
  ]);
});

test("another caller is mailed of at once", async () => {
  const plane = await controlPlane();
  await notifySns(refused, plane);
  await notifySns({ ...refused, ec2InstanceId: EC2, id: "ffffff" }, plane);
  expect(plane.mail.sent).toHaveLength(2);
});

test("an outage for a thousand hosts is five mails, and a storm that the watch mails", async () => {
  const plane = await controlPlane();
  const failed = { ...refused, flag: "new" as const, reason: "TemporarilyUnavailable", failed: true as const };
  const hosts = Array.from({ length: 1000 }, (_, n) => `i-0${n.toString(16).padStart(16, "0")}`);
  await Promise.all(hosts.map((ec2InstanceId) => notifySns({ ...failed, ec2InstanceId }, plane)));
  expect(plane.mail.sent).toHaveLength(5);
  expect(await plane.findings.find({ subject: "fleet", cause: "RegistrationFailed" })).toMatchObject({ times: 1 });
});

test("an impostor is mailed of, though the same host's registration failed an hour before", async () => {
  const plane = await controlPlane();
  await notifySns({ ...refused, reason: "TemporarilyUnavailable", failed: true }, plane);
  plane.clock.at += HOUR_MS;
  await notifySns(refused, plane);
  expect(subjects(plane)).toEqual([
    `Keyturn: RegistrationFailed on ${OTHER_EC2} (${ID})`,
    `Keyturn: NOT_OWNER on ${OTHER_EC2} (${ID})`,
  ]);
});

test("a registration that failed is mailed, counted as that, and no refusal on the bus", async () => {
  const plane = await controlPlane();
  await notifySns({ ...refused, flag: "new", reason: "Lambda.Unknown", failed: true }, plane);
  expect(plane.bus.events.map(({ detailType }) => detailType)).toEqual(["Finding Opened"]);
  expect(plane.journal.counts).toEqual(["Registration FAILED"]);
  for (const part of ["the agent tries again", "Lambda.Unknown", "section RegistrationFailing"]) {
    expect(plane.mail.sent[0]?.text).toContain(part);
  }
});

test("a mail that cannot be sent is sent when the step runs again", async () => {
  const plane = await controlPlane();
  const silent = { ...plane, mail: { send: () => Promise.reject(new Error("topic away")) } };
  await expect(notifySns(refused, silent)).rejects.toThrow("topic away");
  await notifySns(refused, plane);
  expect(plane.mail.sent).toHaveLength(1);
});

test("a ticket that asks for a rekey of which nobody knows is mailed of once, and one that was answered before beside it", async () => {
  const plane = await controlPlane();
  const asked = { ...refused, ec2InstanceId: EC2, flag: "rekey" as const };
  for (let times = 0; times < 20; times += 1) await notifySns({ ...asked, reason: "NO_REKEY" }, plane);
  for (let times = 0; times < 20; times += 1) await notifySns({ ...asked, reason: "REKEY_TAKEN" }, plane);
  expect(subjects(plane)).toEqual([`Keyturn: NO_REKEY on ${EC2} (${ID})`, `Keyturn: REKEY_TAKEN on ${EC2} (${ID})`]);
  const { id, flag } = asked;
  const detail = { id, ec2InstanceId: EC2, flag, reason: "REKEY_TAKEN" };
  expect(plane.bus.events).toContainEqual({ detailType: "Registration Refused", detail });
});
