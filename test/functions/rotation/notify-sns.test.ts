import fc from "fast-check";
import { expect, test } from "vitest";
import { executionName } from "../../../functions/record/execution-name.ts";
import type { contract } from "../../../functions/rotation/notify-sns/contract.ts";
import { notifySns } from "../../../functions/rotation/notify-sns/step.ts";
import { promoteSuccessor } from "../../../functions/rotation/promote-successor/step.ts";
import type { InputOf } from "../../../functions/shared/contract.ts";
import {
  controlPlane,
  EC2,
  EXECUTION,
  hex64Of,
  ID,
  NOW,
  pendingOf,
  ROTATE_EVERY_MS,
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
  gather: false,
};
const A_QUARTER_HOUR_MS = 15 * 60_000;
const undelivered: Failure = { ...mismatch, step: "PushToInstance", what: "PushUndelivered", cause: "It was off." };

test("a mail says what, which instance, since when, what it means, what to do and where to look", async () => {
  const plane = await controlPlane({ lastProofAt: NOW - 60_000 });
  expect(await notifySns(mismatch, plane)).toEqual({ outcome: "FAILED" });
  const [mail] = plane.mail.sent;
  expect(mail?.subject).toBe(`Keyturn: MISMATCH on ${ID} (${EC2})`);
  for (const part of [
    "MISMATCH in VerifyHash",
    `${ID} (${EC2})`,
    "generation 1, since 2026-11-13 03:00:00 UTC",
    "2026-11-20 02:59:00 UTC",
    "its key file was altered",
    "Find out who touched the key file",
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
  expect(plane.bus.events).toEqual([
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

test("the alert is noted with when it began and when it was mailed, and the instance is tried again soon", async () => {
  const plane = await controlPlane();
  await notifySns(mismatch, plane);
  expect(await plane.record()).toMatchObject({
    alert: { what: "MISMATCH", since: NOW, execution: EXECUTION, mailedAt: NOW },
    dueAt: NOW + A_QUARTER_HOUR_MS,
  });
  expect(plane.mail.sent[0]?.text).toContain("Next try:   from 2026-11-20 03:15:00 UTC on");
});

test("the longer it fails, the more rarely it is tried, but never less than once an hour", async () => {
  const plane = await controlPlane();
  const waits: number[] = [];
  for (let tries = 0; tries < 10; tries += 1) {
    await notifySns(mismatch, plane);
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
])("after %s it is tried again within minutes, in a run over the fleet as well", async (what) => {
  for (const gather of [false, true]) {
    const plane = await controlPlane();
    await notifySns({ ...mismatch, what, gather }, plane);
    expect((await plane.record()).dueAt).toBe(NOW + A_QUARTER_HOUR_MS);
  }
});

test("what went wrong before the generation was validated is tried again within minutes, too", async () => {
  const plane = await controlPlane();
  const { generation: _, ...early } = mismatch;
  await notifySns({ ...early, step: "ValidateId", what: "TemporarilyUnavailable" }, plane);
  expect((await plane.record()).dueAt).toBe(NOW + A_QUARTER_HOUR_MS);
});

test("something else that goes wrong is tried again soon, too", async () => {
  const plane = await controlPlane();
  await notifySns(mismatch, plane);
  plane.clock.at += 10 * A_QUARTER_HOUR_MS;
  await notifySns(undelivered, plane);
  expect((await plane.record()).dueAt).toBe(plane.clock.at + A_QUARTER_HOUR_MS);
});

test("the mail about one whose host has stopped meanwhile promises no run", async () => {
  const plane = await controlPlane({ status: "STOPPED" });
  await notifySns(undelivered, plane);
  expect(plane.mail.sent[0]?.text).toContain("Next try:   when its host runs again\n");
});

test("the same thing again is not mailed again, and keeps its beginning", async () => {
  const plane = await controlPlane();
  await notifySns(mismatch, plane);
  plane.clock.at += 3600_000;
  await notifySns({ ...mismatch, execution: `${EXECUTION}0` }, plane);
  expect(plane.mail.sent).toHaveLength(1);
  expect((await plane.record()).alert).toEqual({
    what: "MISMATCH",
    since: NOW,
    execution: `${EXECUTION}0`,
    mailedAt: NOW,
  });
});

test("another thing is mailed, and begins now", async () => {
  const plane = await controlPlane();
  await notifySns(mismatch, plane);
  plane.clock.at += 3600_000;
  await notifySns(undelivered, plane);
  expect(plane.mail.sent.map((mail) => mail.subject)).toEqual([
    `Keyturn: MISMATCH on ${ID} (${EC2})`,
    `Keyturn: PushUndelivered on ${ID} (${EC2})`,
  ]);
  expect((await plane.record()).alert?.since).toBe(NOW + 3600_000);
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
  expect(await notifySns(mismatch, plane)).toEqual({ outcome: "QUARANTINED" });
  expect([plane.mail.sent, plane.bus.events]).toEqual([[], []]);
  expect(await plane.record()).toEqual(before);
});

test("a key that this very execution has turned is no failure: what was lost is the announcement, which is made now", async () => {
  const plane = await controlPlane();
  const pending = await pendingOf(plane.instance, plane.vault, hex64Of("nonce"));
  await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW });
  const turned = { generation: 2, receiptDigest: pending.receiptDigest, execution: executionName(EXECUTION) };
  await plane.registry.promote(ID, { ...turned, at: NOW, dueAt: NOW, keepAlert: false });
  const busAway = { ...mismatch, what: "TemporarilyUnavailable", step: "PromoteSuccessor", generation: 1 };
  expect(await notifySns({ ...busAway, execution: EXECUTION }, plane)).toEqual({ outcome: "ROTATED" });
  expect(plane.bus.events).toMatchObject([{ detailType: "Key Rotated", detail: { id: ID, generation: 2 } }]);
  expect(plane.journal.counts).toEqual(["Rotation ROTATED"]);
  expect(plane.mail.sent).toEqual([]);
  expect(await notifySns({ ...busAway, execution: "another" }, plane)).toEqual({ outcome: "SUPERSEDED" });
});

test("in a run over the fleet nothing is mailed yet, and what happened is noted for the mail at its end", async () => {
  const plane = await controlPlane();
  await notifySns({ ...mismatch, gather: true }, plane);
  expect(plane.mail.sent).toEqual([]);
  expect((await plane.record()).alert).toEqual({ what: "MISMATCH", since: NOW, execution: EXECUTION });
  await notifySns(mismatch, plane);
  expect(plane.mail.sent).toHaveLength(1);
});

test("a run over the fleet mails at once what has no record to note it on", async () => {
  const plane = await controlPlane();
  await notifySns({ ...mismatch, id: "ffffff", what: "UnknownId", gather: true }, plane);
  expect(plane.mail.sent).toHaveLength(1);
});

test("a generation that another execution has reached meanwhile is superseded, and nobody is told", async () => {
  const plane = await controlPlane({}, new TestInstance({ generation: 2 }));
  const before = await plane.record();
  expect(await notifySns(undelivered, plane)).toEqual({ outcome: "SUPERSEDED" });
  expect(plane.mail.sent).toEqual([]);
  expect(plane.bus.events).toEqual([]);
  expect(await plane.record()).toEqual(before);
});

test("a failure of the generation that is current is told", async () => {
  const plane = await controlPlane({}, new TestInstance({ generation: 2 }));
  expect(await notifySns({ ...undelivered, generation: 2 }, plane)).toEqual({ outcome: "FAILED" });
});

test("a retired record ends quietly", async () => {
  const plane = await controlPlane();
  await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW });
  expect(await notifySns(undelivered, plane)).toEqual({ outcome: "RETIRED" });
  expect([...plane.mail.sent, ...plane.bus.events, ...plane.journal.counts]).toEqual([]);
});

test("a crash between mail and note mails again rather than never", async () => {
  const plane = await controlPlane();
  const dying = { ...plane, registry: { ...plane.registry, setAlert: () => Promise.reject(new Error("killed")) } };
  await expect(notifySns(mismatch, dying)).rejects.toThrow("killed");
  await notifySns(mismatch, plane);
  expect(plane.mail.sent).toHaveLength(2);
});

test("a mail that cannot be sent is not noted as sent", async () => {
  const plane = await controlPlane();
  const failing = { ...plane, mail: { send: () => Promise.reject(new Error("topic away")) } };
  await expect(notifySns(mismatch, failing)).rejects.toThrow("topic away");
  expect((await plane.record()).alert).toBeUndefined();
});

test("Lambda's cause is told as its message, and a plain one as it is", async () => {
  const plane = await controlPlane();
  const cause = JSON.stringify({
    errorType: "KeyUnreadable",
    errorMessage: "It cannot be decrypted.",
    trace: ["at x"],
  });
  await notifySns({ ...mismatch, what: "KeyUnreadable", cause }, plane);
  expect(plane.mail.sent[0]?.text).toContain("Cause:      It cannot be decrypted.\n");
  for (const plain of ["null", "[1]", '{"errorMessage":1}', "x".repeat(5000)]) {
    await notifySns({ ...undelivered, id: "ffffff", cause: plain }, plane);
    expect(plane.mail.sent.at(-1)?.text).toContain(`Cause:      ${plain.slice(0, 500)}\n`);
  }
});

test("an error that nobody foresaw still says what to do", async () => {
  const plane = await controlPlane();
  await notifySns({ ...mismatch, what: "States.Runtime" }, plane);
  expect(plane.mail.sent[0]?.text).toMatch(/To do: +Open the execution/);
});

test("whatever an execution was given as ID, people are told", async () => {
  const plane = await controlPlane();
  await fc.assert(
    fc.asyncProperty(fc.option(fc.jsonValue(), { nil: undefined }), async (id) => {
      fc.pre(id !== ID);
      const before = plane.mail.sent.length;
      const told = await notifySns({ ...mismatch, id, what: "InvalidInput", step: "ValidateId" }, plane);
      expect(told).toEqual({ outcome: "FAILED" });
      expect(plane.mail.sent).toHaveLength(before + 1);
      expect(plane.mail.sent.at(-1)?.subject).toMatch(/^Keyturn: InvalidInput on [\w.?-]{0,40}$/);
    }),
    { examples: [[{ toString: 1 }], [null], ["../../etc"], ["\r\nBcc: someone"], ["é".repeat(100)]] },
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
  const told = JSON.stringify([plane.mail.sent, plane.bus.events, plane.journal.lines]);
  expect(told).not.toMatch(/[0-9a-f]{64}|c2VjcmV0/);
});
