import fc from "fast-check";
import { expect, test } from "vitest";
import { putLines } from "../../../functions/audit/put-lines.ts";
import { executionName } from "../../../functions/record/execution-name.ts";
import type { contract } from "../../../functions/rotation/notify-sns/contract.ts";
import { notifySns } from "../../../functions/rotation/notify-sns/step.ts";
import { promoteSuccessor } from "../../../functions/rotation/promote-successor/step.ts";
import type { InputOf } from "../../../functions/shared/contract.ts";
import {
  type ControlPlane,
  controlPlane,
  duesOf,
  EC2,
  EXECUTION,
  hex64Of,
  ID,
  LINE,
  NOW,
  pendingOf,
  ROTATE_EVERY_MS,
  rekeyOpened,
  TestInstance,
} from "../support.ts";

type Failure = InputOf<typeof contract>;
const mismatch: Failure = {
  id: ID,
  generation: 1,
  step: "VerifyHash",
  what: "MISMATCH",
  cause: "",
  execution: EXECUTION,
};
const subjects = (plane: ControlPlane) => plane.mail.sent.map(({ subject }) => subject);
const A_QUARTER_HOUR_MS = 15 * 60_000;
const undelivered: Failure = { ...mismatch, step: "PushToInstance", what: "PushUndelivered", cause: "It was off." };

test("a mail says what, which instance, since when, what it means, what to do and where to look", async () => {
  const plane = await controlPlane({ lastProofAt: NOW - 60_000 });
  expect(await notifySns({ ...mismatch, cause: "It says why." }, plane)).toEqual({
    ...{ outcome: "FAILED", said: "It says why." },
  });
  const [mail] = plane.mail.sent;
  expect(mail?.subject).toBe(`Keyturn: MISMATCH on ${ID} (${EC2})`);
  for (const part of [
    `About:      ${ID} (${EC2})`,
    "In:         VerifyHash",
    "Key:        generation 1, since 2026-11-13 03:00:00 UTC",
    "Last proof: 2026-11-20 02:59:00 UTC",
    "Next try:   2026-11-20 03:15:00 UTC",
    "Its key file was altered",
    "Find out who touched the key file",
    "section MISMATCH",
    "Cause:      It says why.",
    EXECUTION,
    `https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/${EXECUTION}`,
  ]) {
    expect(mail?.text).toContain(part);
  }
});

test("a mismatch is told on the bus as one, anything else as a failed rotation", async () => {
  const plane = await controlPlane();
  await notifySns(mismatch, plane);
  await notifySns({ ...mismatch, what: "CONFLICT" }, plane);
  await notifySns(undelivered, plane);
  expect(plane.bus.events.filter(({ detailType }) => detailType !== "Finding Opened")).toEqual([
    {
      detailType: "Mismatch Found",
      detail: { id: ID, ec2InstanceId: EC2, generation: 1, verdict: "MISMATCH", execution: EXECUTION },
    },
    {
      detailType: "Mismatch Found",
      detail: { id: ID, ec2InstanceId: EC2, generation: 1, verdict: "CONFLICT", execution: EXECUTION },
    },
    {
      detailType: "Rotation Failed",
      detail: { id: ID, step: "PushToInstance", reason: "PushUndelivered", execution: EXECUTION },
    },
  ]);
  expect(plane.journal.counts).toEqual(["Rotation FAILED", "Rotation FAILED", "Rotation FAILED"]);
});

test("since when it fails is noted, with the verdict, and the instance is tried again soon", async () => {
  const plane = await controlPlane({ verdict: "MATCH" });
  await notifySns(mismatch, plane);
  const dueAt = NOW + A_QUARTER_HOUR_MS;
  expect(await plane.record()).toMatchObject({ failingSince: NOW, verdict: "MISMATCH", dueAt });
});

test("the line of a failure is due: what, where, of which key, in which execution, and who asked as claimed", async () => {
  const plane = await controlPlane();
  const detail = { id: ID, requestedBy: "Ann\n(not Bob)" };
  await notifySns({ ...mismatch, asked: { id: ID, trigger: "event", detail } }, plane);
  const of = { generation: 1, step: "VerifyHash", what: "MISMATCH", execution: executionName(EXECUTION) };
  expect(await duesOf(plane)).toEqual([["failed", { ...of, requestedBy: "Ann?(not Bob)", trigger: "event" }]]);
  expect((await plane.record()).auditDue).toMatchObject([{ timeMs: NOW }]);
});

test("however often the step of an execution runs, its failure has one line, and the next one another", async () => {
  const plane = await controlPlane();
  const failing = { ...plane, mail: { send: () => Promise.reject(new Error("topic away")) } };
  await expect(notifySns(undelivered, failing)).rejects.toThrow("topic away");
  const { dueAt } = await plane.record();
  plane.clock.at += 5000;
  for (let tries = 0; tries < 3; tries += 1) await notifySns(undelivered, plane);
  expect(await duesOf(plane)).toHaveLength(1);
  expect((await plane.record()).dueAt).toBe(dueAt);
  // Also where the line was put meanwhile.
  await putLines(ID, await plane.record(), plane);
  await notifySns(undelivered, plane);
  expect(await duesOf(plane)).toEqual([]);
  await notifySns({ ...undelivered, execution: `${EXECUTION}-2` }, plane);
  expect(await duesOf(plane)).toHaveLength(1);
});

test("what is no verdict leaves the record's as it is", async () => {
  const plane = await controlPlane({ verdict: "MATCH" });
  await notifySns(undelivered, plane);
  expect(await plane.record()).toMatchObject({ failingSince: NOW, verdict: "MATCH" });
});

test("beside a conflict the rotation goes on: it is told, and the record says so, and no more", async () => {
  const plane = await controlPlane();
  const before = await plane.record();
  await notifySns({ ...mismatch, what: "CONFLICT", step: "NotifyConflict" }, plane);
  expect(plane.mail.sent).toHaveLength(1);
  expect(plane.mail.sent[0]?.text).not.toContain("Next try");
  expect(await plane.record()).toEqual({ ...before, verdict: "CONFLICT", judgedAt: plane.now() });
});

test("the longer it fails, the more rarely it is tried, but never less than once an hour", async () => {
  const plane = await controlPlane();
  const waits: number[] = [];
  for (let tries = 0; tries < 10; tries += 1) {
    await notifySns({ ...mismatch, execution: `${EXECUTION}-${tries}` }, plane);
    const { dueAt } = await plane.record();
    waits.push((dueAt - plane.clock.at) / A_QUARTER_HOUR_MS);
    plane.clock.at = dueAt;
  }
  expect(ROTATE_EVERY_MS).toBe(96 * A_QUARTER_HOUR_MS);
  expect(waits).toEqual([1, 1, 2, 4, 4, 4, 4, 4, 4, 4]);
});

test("where keys are to be younger than that, it is tried once an interval", async () => {
  const plane = await controlPlane();
  await notifySns(mismatch, { ...plane, rotateEveryMs: 1000 });
  expect((await plane.record()).dueAt).toBe(NOW + 1000);
});

test.each([
  "STALE",
  "PushRefused",
  "InstanceUnreachable",
  "PushUnanswered",
  "States.Timeout",
  "TemporarilyUnavailable",
])("after %s it is tried again within minutes", async (what) => {
  const plane = await controlPlane();
  await notifySns({ ...mismatch, what }, plane);
  expect((await plane.record()).dueAt).toBe(NOW + A_QUARTER_HOUR_MS);
});

test("what went wrong before the generation was validated is tried again within minutes, too", async () => {
  const plane = await controlPlane();
  const { generation: _, ...early } = mismatch;
  await notifySns({ ...early, step: "ValidateId", what: "TemporarilyUnavailable" }, plane);
  expect((await plane.record()).dueAt).toBe(NOW + A_QUARTER_HOUR_MS);
});

test("something else that goes wrong makes it no fresher: it has failed since the first time", async () => {
  const plane = await controlPlane();
  await notifySns(mismatch, plane);
  plane.clock.at += 2 * A_QUARTER_HOUR_MS;
  await notifySns({ ...undelivered, execution: `${EXECUTION}-2` }, plane);
  const dueAt = plane.clock.at + 2 * A_QUARTER_HOUR_MS;
  expect(await plane.record()).toMatchObject({ failingSince: NOW, dueAt });
});

test("the mail about one whose host has stopped meanwhile promises no run", async () => {
  const plane = await controlPlane({ status: "STOPPED" });
  await notifySns(undelivered, plane);
  expect(plane.mail.sent[0]?.text).not.toContain("Next try");
});

test("the same thing again is not mailed again, and keeps its beginning and the execution that found it", async () => {
  const plane = await controlPlane();
  await notifySns(mismatch, plane);
  plane.clock.at += 3600_000;
  await notifySns({ ...mismatch, execution: `${EXECUTION}0` }, plane);
  expect(plane.mail.sent).toHaveLength(1);
  expect(await plane.findings.find({ subject: ID, cause: "MISMATCH" })).toMatchObject({
    ...{ since: NOW, seenAt: NOW + 3600_000, times: 2, execution: EXECUTION, toldAt: NOW },
  });
});

test("another thing is mailed, and begins now", async () => {
  const plane = await controlPlane();
  await notifySns(mismatch, plane);
  plane.clock.at += 3600_000;
  await notifySns(undelivered, plane);
  expect(subjects(plane)).toEqual([
    `Keyturn: MISMATCH on ${ID} (${EC2})`,
    `Keyturn: PushUndelivered on ${ID} (${EC2})`,
  ]);
  expect(await plane.findings.find({ subject: ID, cause: "PushUndelivered" })).toMatchObject({
    since: NOW + 3600_000,
  });
});

test("a conflict and a push that fails stand beside each other, and are told once each in twenty runs", async () => {
  const plane = await controlPlane();
  for (let run = 0; run < 20; run += 1) {
    const execution = `${EXECUTION}-${run}`;
    await notifySns({ ...mismatch, what: "CONFLICT", step: "NotifyConflict", execution }, plane);
    await notifySns({ ...undelivered, what: "PushFailed", execution }, plane);
    plane.clock.at = (await plane.record()).dueAt;
  }
  expect(subjects(plane)).toEqual([`Keyturn: CONFLICT on ${ID} (${EC2})`, `Keyturn: PushFailed on ${ID} (${EC2})`]);
  for (const cause of ["CONFLICT", "PushFailed"]) {
    expect(await plane.findings.find({ subject: ID, cause })).toMatchObject({ times: 20, since: NOW });
  }
});

test("an ID that nobody has is mailed of once, though it is asked for twenty times", async () => {
  const plane = await controlPlane();
  for (let times = 0; times < 20; times += 1) {
    const execution = `${EXECUTION}-${times}`;
    await notifySns({ ...mismatch, id: "ffffff", step: "ValidateId", what: "UnknownId", execution }, plane);
  }
  expect(subjects(plane)).toEqual(["Keyturn: UnknownId on ffffff"]);
});

test("a second writer is mailed of once, though the key is turned again and again meanwhile", async () => {
  const plane = await controlPlane();
  const conflict = { ...mismatch, what: "CONFLICT" };
  await notifySns(conflict, plane);
  const pending = await pendingOf(plane.instance, plane.vault, hex64Of("nonce"));
  await plane.registry.setPending(ID, { pending, verdict: "CONFLICT", lastProofAt: NOW });
  const turned = { id: ID, ec2InstanceId: EC2, generation: 2, receiptDigest: pending.receiptDigest };
  await promoteSuccessor({ ...turned, verdict: "CONFLICT", execution: "another" }, plane);
  plane.clock.at += 3600_000;
  await notifySns({ ...conflict, generation: 2 }, plane);
  expect(plane.mail.sent).toHaveLength(1);
});

test("of an instance that was put in quarantine meanwhile nobody is told, and nothing is noted", async () => {
  const plane = await controlPlane({ status: "QUARANTINED" });
  const before = await plane.record();
  expect(await notifySns(mismatch, plane)).toEqual({ outcome: "QUARANTINED", said: "" });
  expect([plane.mail.sent, plane.bus.events]).toEqual([[], []]);
  expect(await plane.record()).toEqual(before);
});

test("a key that this very execution has turned is no failure: what was lost is the announcement, which is made now", async () => {
  const plane = await controlPlane();
  const pending = await pendingOf(plane.instance, plane.vault, hex64Of("nonce"));
  await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW });
  const turned = { generation: 2, receiptDigest: pending.receiptDigest, execution: executionName(EXECUTION) };
  await plane.registry.promote(ID, { ...turned, at: NOW, dueAt: NOW, line: LINE });
  const busAway = { ...mismatch, what: "TemporarilyUnavailable", step: "PromoteSuccessor", generation: 1 };
  expect(await notifySns({ ...busAway, execution: EXECUTION }, plane)).toEqual({ outcome: "ROTATED", said: "" });
  expect(plane.bus.events).toMatchObject([{ detailType: "Key Rotated", detail: { id: ID, generation: 2 } }]);
  expect(plane.journal.counts).toEqual(["Rotation ROTATED"]);
  expect(plane.mail.sent).toEqual([]);
  expect(await notifySns({ ...busAway, execution: "another" }, plane)).toMatchObject({ outcome: "SUPERSEDED" });
});

test("a generation that another execution has reached meanwhile is superseded, and nobody is told", async () => {
  const plane = await controlPlane({}, new TestInstance({ generation: 2 }));
  const before = await plane.record();
  expect(await notifySns(undelivered, plane)).toMatchObject({ outcome: "SUPERSEDED" });
  expect(plane.mail.sent).toEqual([]);
  expect(plane.bus.events).toEqual([]);
  expect(await plane.record()).toEqual(before);
});

test("a failure of the generation that is current is told", async () => {
  const plane = await controlPlane({}, new TestInstance({ generation: 2 }));
  expect(await notifySns({ ...undelivered, generation: 2 }, plane)).toMatchObject({ outcome: "FAILED" });
});

test("a retired record ends quietly", async () => {
  const plane = await controlPlane();
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
  expect(await notifySns(undelivered, plane)).toMatchObject({ outcome: "RETIRED" });
  expect([...plane.mail.sent, ...plane.bus.events, ...plane.journal.counts]).toEqual([]);
});

test.each(["noteFailed", "find"] as const)(
  "a registry whose %s fails has nobody told twice, and nobody forgotten",
  async (call) => {
    const plane = await controlPlane();
    const failing = { ...plane.registry, [call]: () => Promise.reject(new Error("throttled")) };
    for (let tries = 0; tries < 5; tries += 1) {
      await expect(notifySns(mismatch, { ...plane, registry: failing })).rejects.toThrow("throttled");
    }
    for (let tries = 0; tries < 5; tries += 1) await notifySns(mismatch, plane);
    expect(plane.mail.sent).toHaveLength(1);
  },
);

test("a crash between mail and note mails a second time, once the claim has run out, and no more", async () => {
  const plane = await controlPlane();
  let isMailed = false;
  const mail = {
    async send(subject: string, text: string) {
      await plane.mail.send(subject, text);
      isMailed = true;
    },
  };
  const findings = {
    ...plane.findings,
    write: async (...given: Parameters<typeof plane.findings.write>) => {
      if (isMailed) throw new Error("killed");
      return plane.findings.write(...given);
    },
  };
  await expect(notifySns(mismatch, { ...plane, mail, findings })).rejects.toThrow("killed");
  await notifySns(mismatch, plane);
  expect(plane.mail.sent).toHaveLength(1);
  plane.clock.at += A_QUARTER_HOUR_MS;
  for (let tries = 0; tries < 3; tries += 1) await notifySns(mismatch, plane);
  expect(plane.mail.sent).toHaveLength(2);
});

test("a mail that cannot be sent is sent when the step runs again", async () => {
  const plane = await controlPlane();
  const failing = { ...plane, mail: { send: () => Promise.reject(new Error("topic away")) } };
  await expect(notifySns(mismatch, failing)).rejects.toThrow("topic away");
  expect(await plane.findings.find({ subject: ID, cause: "MISMATCH" })).not.toHaveProperty("toldAt");
  await notifySns(mismatch, plane);
  expect(plane.mail.sent).toHaveLength(1);
});

test("Lambda's cause is told as its message, and a plain one as it is, in the mail and to the state that ends", async () => {
  const message = "It cannot be decrypted.";
  const asJson = JSON.stringify({ errorType: "KeyUnreadable", errorMessage: message, trace: ["at x"] });
  const long = "x".repeat(5000);
  for (const [cause, said] of [
    [asJson, message],
    ...["null", "[1]", '{"errorMessage":1}'].map((plain) => [plain, plain] as const),
    [long, long.slice(0, 500)],
    [JSON.stringify({ errorMessage: long }), long.slice(0, 500)],
  ] as const) {
    const plane = await controlPlane();
    expect(await notifySns({ ...mismatch, what: "KeyUnreadable", cause }, plane)).toEqual({ outcome: "FAILED", said });
    expect(plane.mail.sent[0]?.text).toContain(`Cause:      ${said}\n`);
  }
});

test("an error that nobody foresaw still says what to do", async () => {
  const plane = await controlPlane();
  await notifySns({ ...mismatch, what: "States.Runtime" }, plane);
  expect(plane.mail.sent[0]?.text).toMatch(/To do: +Open the execution/);
});

test("whatever an execution was given as ID, people are told, and it is taken for nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(fc.option(fc.jsonValue(), { nil: undefined }), async (id) => {
      fc.pre(id !== ID);
      const plane = await controlPlane();
      const told = await notifySns({ ...mismatch, id, what: "InvalidInput", step: "ValidateId" }, plane);
      expect(told).toMatchObject({ outcome: "FAILED" });
      expect(plane.mail.sent).toHaveLength(1);
      expect(plane.mail.sent[0]?.subject).toMatch(/^Keyturn: InvalidInput on "[\w.?-]{1,40}"$/);
      expect(/^Type: +(.*)$/m.exec(plane.mail.sent[0]?.text ?? "")?.[1]).toMatch(/^aws [\w.: -]+$/);
    }),
    { examples: [[{ toString: 1 }], [null], ["../../etc"], ["\r\nBcc: someone"], ["é".repeat(100)], ["fleet"], [EC2]] },
  );
});

test("no hash, nonce or ciphertext of the record is mailed or put on the bus", async () => {
  const plane = await controlPlane();
  const pending = await pendingOf(plane.instance, plane.vault, hex64Of("nonce"));
  await plane.registry.setPending(ID, {
    pending: { ...pending, ciphertext: "c2VjcmV0" },
    verdict: "MATCH",
    lastProofAt: NOW,
  });
  await notifySns(undelivered, plane);
  const told = JSON.stringify([plane.mail.sent, plane.bus.events, plane.journal.lines, [...plane.findings.all]]);
  expect(told).not.toMatch(/[0-9a-f]{64}|c2VjcmV0/);
});

test("a record that is behind is a mismatch, on the bus and in the record, and told under its own name", async () => {
  const plane = await controlPlane({ verdict: "MATCH" });
  const cause = "It claims generation 4.";
  const behind = { ...mismatch, step: "DeriveAgain", what: "RecordBehind", cause };
  expect(await notifySns(behind, plane)).toEqual({ outcome: "FAILED", said: cause });
  const detail = { id: ID, ec2InstanceId: EC2, generation: 1, verdict: "MISMATCH", execution: EXECUTION };
  expect(plane.bus.events).toContainEqual({ detailType: "Mismatch Found", detail });
  expect(await plane.record()).toMatchObject({ verdict: "MISMATCH", failingSince: NOW });
  expect(subjects(plane)).toEqual([`Keyturn: RecordBehind on ${ID} (${EC2})`]);
});

test("what a rotation finds while a rekey stands is told to nobody: a person knows, and it is mended by that", async () => {
  const plane = await controlPlane();
  await rekeyOpened(plane);
  const before = await plane.record();
  for (const what of ["MISMATCH", "CONFLICT", "RecordBehind", "PushRefused", "KeyUnreadable"]) {
    expect(await notifySns({ ...mismatch, what, rekey: false }, plane)).toEqual({ outcome: "REKEYING", said: "" });
  }
  expect(await notifySns(mismatch, plane)).toMatchObject({ outcome: "REKEYING" });
  expect([plane.mail.sent, plane.bus.events, plane.journal.counts]).toEqual([[], [], []]);
  expect(await plane.record()).toEqual(before);
});

test("a rekey whose push failed is told with what stands, and tried again soon", async () => {
  const plane = await controlPlane();
  await rekeyOpened(plane);
  const failed = { ...undelivered, rekey: true, generation: 4 };
  expect(await notifySns(failed, plane)).toEqual({ outcome: "FAILED", said: "It was off." });
  expect(plane.mail.sent[0]?.text).toContain("It was off. Its rekey to generation 5 stands.");
  expect(await plane.record()).toMatchObject({ failingSince: NOW, dueAt: NOW + A_QUARTER_HOUR_MS });
});

test("one whose place another has taken is nobody's alarm", async () => {
  const plane = await controlPlane();
  await rekeyOpened(plane, 6);
  expect(await notifySns({ ...undelivered, rekey: true, generation: 4 }, plane)).toMatchObject({ outcome: "REKEYING" });
  expect(plane.mail.sent).toEqual([]);
});

test("whatever fails before it is known whether a rekey stands is told", async () => {
  const plane = await controlPlane();
  await rekeyOpened(plane);
  const { generation: _, ...unknown } = { ...mismatch, step: "ValidateId", what: "Lambda.Unknown" };
  expect(await notifySns(unknown, plane)).toMatchObject({ outcome: "FAILED" });
});

test("a rekey that another execution has promoted meanwhile is superseded", async () => {
  const plane = await controlPlane({}, new TestInstance({ generation: 5 }));
  expect(await notifySns({ ...undelivered, rekey: true }, plane)).toMatchObject({ outcome: "SUPERSEDED" });
});
