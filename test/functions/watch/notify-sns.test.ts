import { describe, expect, test } from "vitest";
import { newRecord } from "../../../functions/credential/record.ts";
import { type Finding, FLEET } from "../../../functions/findings/finding.ts";
import { openFinding } from "../../../functions/findings/open.ts";
import { isStorm } from "../../../functions/findings/storm.ts";
import { notifySns } from "../../../functions/watch/notify-sns/step.ts";
import { CREDENTIAL, FIRST, SECRET } from "../credential/support.ts";
import { busAway, topicAway } from "../findings/tellers.ts";
import { type ControlPlane, controlPlane, EC2, EXECUTION, ID, LINE, LOOKS_EVERY_MS, NOW } from "../support.ts";
import { AN_HOUR_MS, alterRecord, LOOK, notify, subjects } from "./looked.ts";

const A_DAY_MS = 24 * AN_HOUR_MS;
const QUIET = { standing: 0, ended: 0, told: 0, gathered: false };
const mismatch = { subject: ID, cause: "MISMATCH", execution: EXECUTION, facts: { ec2InstanceId: EC2 } };
const nthOf = (n: number) => ({ ...mismatch, subject: n.toString(16).padStart(6, "0") });

async function finding(plane: ControlPlane, key: { subject: string; cause: string } = mismatch): Promise<Finding> {
  const one = await plane.findings.find(key);
  if (one === undefined) throw new Error(`there is no ${key.cause} on ${key.subject}`);
  return one;
}

/** What lies on the bus of findings, in its order. */
const heard = ({ bus }: ControlPlane) => bus.events.map(({ detailType }) => detailType);

/** The instance's proofs fit again: the watch has judged them. */
function proved(plane: ControlPlane) {
  return plane.registry.noteJudged(ID, { generation: 1, verdict: "MATCH", at: plane.now() });
}

test("a look that found nothing tells nobody, and counts as one", async () => {
  const plane = await controlPlane();
  expect(await notify(plane)).toEqual(QUIET);
  expect([plane.mail.sent, plane.bus.events]).toEqual([[], []]);
  expect(plane.journal.counts).toEqual(["Look"]);
});

test("one that was broken off does not count as one, and took its time all the same", async () => {
  const plane = await controlPlane();
  plane.clock.at += 90_000;
  await notifySns({ at: NOW, complete: false, execution: LOOK }, plane);
  expect(plane.journal.counts).toEqual([]);
  expect(plane.journal.durations).toEqual({ LookDuration: [90_000] });
});

describe("what stands", () => {
  test("and people know is left as it is", async () => {
    const plane = await controlPlane();
    await openFinding(mismatch, plane);
    const before = await finding(plane);
    expect(await notify(plane)).toEqual({ ...QUIET, standing: 1 });
    expect(await finding(plane)).toEqual(before);
    expect(plane.mail.sent).toHaveLength(1);
  });

  test("and that its finder has claimed is left to it, until the claim has run out; then it is told, once", async () => {
    const plane = await controlPlane();
    const dying = { ...plane, mail: { send: () => new Promise<void>(() => {}) } };
    openFinding(mismatch, dying).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await notify(plane)).toEqual({ ...QUIET, standing: 1 });
    expect(plane.mail.sent).toEqual([]);
    plane.clock.at += LOOKS_EVERY_MS;
    expect(await notify(plane)).toEqual({ ...QUIET, standing: 1, told: 1 });
    await notify(plane);
    expect(subjects(plane)).toEqual([`Keyturn: MISMATCH on ${ID} (${EC2})`]);
    expect(plane.mail.sent[0]?.text).toContain(EXECUTION);
    expect(await finding(plane)).toMatchObject({ toldAt: plane.now() });
  });

  test("and could not be mailed is mailed now; what lies on the bus is not put there again", async () => {
    const plane = await controlPlane();
    await expect(openFinding(mismatch, { ...plane, mail: topicAway })).rejects.toThrow("topic away");
    expect(await notify(plane)).toMatchObject({ told: 1 });
    expect([heard(plane), plane.mail.sent.length]).toEqual([["Finding Opened"], 1]);
  });

  test("and another is about to tell at this moment is left to that one", async () => {
    const plane = await controlPlane();
    await expect(openFinding(mismatch, { ...plane, mail: topicAway })).rejects.toThrow("topic away");
    const write: ControlPlane["findings"]["write"] = async (one, read) => {
      const other = read && { ...read, claimedUntil: plane.now() + 1 };
      if (read && other) await plane.findings.write(other, read);
      return plane.findings.write(one, read);
    };
    const told = await notifySns(
      { at: NOW, complete: true, execution: LOOK },
      { ...plane, findings: { ...plane.findings, write } },
    );
    expect(told).toMatchObject({ standing: 1, told: 0 });
    expect(plane.mail.sent).toEqual([]);
  });

  test("is found in each page of the list", async () => {
    const plane = await controlPlane();
    for (let n = 0; n < 12; n += 1) await openFinding({ ...nthOf(n), cause: `cause ${n}` }, plane);
    expect(await notify(plane)).toMatchObject({ standing: 12 });
  });
});

describe("what is over", () => {
  async function over() {
    const plane = await controlPlane();
    await openFinding(mismatch, plane);
    plane.clock.at += LOOKS_EVERY_MS;
    await proved(plane);
    return plane;
  }

  test("is ended, and its end put on the bus, once", async () => {
    const plane = await over();
    expect(await notify(plane)).toEqual({ ...QUIET, ended: 1 });
    expect(await notify(plane)).toEqual(QUIET);
    expect(heard(plane)).toEqual(["Finding Opened", "Finding Ended"]);
    expect(await finding(plane)).toMatchObject({ endedAt: plane.now(), endAnnouncedAt: plane.now() });
    expect(plane.mail.sent).toHaveLength(1);
  });

  test("and nobody was told of is told all the same, before its end is", async () => {
    const plane = await controlPlane();
    await expect(openFinding(mismatch, { ...plane, bus: busAway })).rejects.toThrow("bus away");
    plane.clock.at += LOOKS_EVERY_MS;
    await proved(plane);
    expect(await notify(plane)).toEqual({ ...QUIET, told: 1, ended: 1 });
    expect(heard(plane)).toEqual(["Finding Opened", "Finding Ended"]);
    expect(plane.mail.sent).toHaveLength(1);
  });

  test("and whose end the bus did not take is put there by the next look, which ends nothing more", async () => {
    const plane = await over();
    await expect(notify({ ...plane, bus: { ...plane.bus, ...busAway } })).rejects.toThrow("bus away");
    expect(plane.journal.counts).toEqual([]);
    expect(await notify(plane)).toEqual(QUIET);
    expect(heard(plane)).toEqual(["Finding Opened", "Finding Ended"]);
  });

  test("though one cannot be told, is ended for the others", async () => {
    const plane = await over();
    await openFinding({ ...mismatch, cause: "PushFailed" }, { ...plane, mail: topicAway }).catch(() => undefined);
    await expect(notify({ ...plane, mail: { ...plane.mail, ...topicAway } })).rejects.toThrow("topic away");
    expect(await finding(plane)).toHaveProperty("endAnnouncedAt");
  });

  test("though one cannot be written, is gathered with the others", async () => {
    const plane = await controlPlane();
    plane.silentAfterMs = Number.POSITIVE_INFINITY;
    await notify(plane);
    await openFinding(mismatch, plane);
    await expect(openFinding({ ...mismatch, cause: "PushFailed" }, { ...plane, mail: topicAway })).rejects.toThrow();
    plane.clock.at += 2 * A_DAY_MS;
    const write: ControlPlane["findings"]["write"] = async (one, read) => {
      if (one.cause === "PushFailed") throw new Error("too long");
      return plane.findings.write(one, read);
    };
    const findings = { ...plane.findings, write };
    const told = notifySns({ at: plane.now(), complete: true, execution: LOOK }, { ...plane, findings });
    await expect(told).rejects.toThrow("too long");
    expect(subjects(plane).at(-1)).toContain("2 findings still stand");
  });

  test.each<[string, (plane: ControlPlane) => unknown]>([
    ["retired", ({ registry, now }) => registry.retire(ID, { ec2InstanceId: EC2, at: now(), line: LINE })],
    ["put in quarantine", ({ registry }) => registry.quarantine(ID, { line: LINE })],
  ])("since its instance was %s, is ended", async (_, befall) => {
    const plane = await controlPlane();
    await openFinding(mismatch, plane);
    await befall(plane);
    expect(await notify(plane)).toMatchObject({ standing: 0, ended: 1 });
  });

  test("and is found again at this moment, stands", async () => {
    const plane = await over();
    const find: ControlPlane["registry"]["find"] = async (id) => {
      await openFinding(mismatch, plane);
      return plane.registry.find(id);
    };
    const told = notifySns(
      { at: plane.now(), complete: true, execution: LOOK },
      { ...plane, registry: { ...plane.registry, find } },
    );
    expect(await told).toMatchObject({ standing: 1 });
    expect(await finding(plane)).not.toHaveProperty("endedAt");
    expect(heard(plane)).toEqual(["Finding Opened"]);
  });

  test("of the watch itself is so once a later look has come to its end, and not before", async () => {
    const plane = await controlPlane();
    const cutOff = { subject: "watch", cause: "ExecutionCutOff", execution: LOOK, facts: {} };
    await openFinding(cutOff, plane);
    plane.clock.at += LOOKS_EVERY_MS;
    expect(await notify(plane, { complete: false })).toMatchObject({ standing: 1 });
    expect(await notify(plane)).toMatchObject({ standing: 0, ended: 1 });
  });
});

describe("a storm", () => {
  const STORM = { subject: FLEET, cause: mismatch.cause };
  const A_QUARTER_HOUR_MS = 15 * 60_000;

  /** So many at once. */
  async function befall(plane: ControlPlane, count: number) {
    for (let n = 0; n < count; n += 1) await openFinding(nthOf(n), plane);
  }

  test("is mailed once, with all that are of it", async () => {
    const plane = await controlPlane();
    await befall(plane, 20);
    expect(plane.mail.sent).toHaveLength(5);
    expect(await notify(plane)).toMatchObject({ standing: 21, told: 1 });
    await notify(plane);
    expect(subjects(plane).slice(5)).toEqual(["Keyturn: MISMATCH on 20 at once"]);
    for (const n of [0, 4, 5, 19]) expect(plane.mail.sent.at(-1)?.text).toContain(nthOf(n).subject);
    expect(heard(plane)).toHaveLength(21);
  });

  test("stands while more than five of it do, and is over a while after that", async () => {
    const plane = await controlPlane();
    await befall(plane, 7);
    await notify(plane);
    const gone = (n: number) => ({ ...nthOf(n), id: nthOf(n).subject, ec2InstanceId: EC2 });
    const end = async (n: number) => {
      const { id, ec2InstanceId } = gone(n);
      plane.registry.records.set(id, { id, ec2InstanceId, status: "RETIRED", retiredAt: plane.now() });
    };
    plane.clock.at += A_QUARTER_HOUR_MS;
    await end(0);
    await notify(plane);
    await notify(plane);
    expect(isStorm(await finding(plane, STORM))).toBe(true);
    await end(1);
    await notify(plane);
    expect(await notify(plane)).toMatchObject({ standing: 5, ended: 1 });
    expect(await finding(plane, STORM)).toHaveProperty("endAnnouncedAt");
    expect(plane.mail.sent).toHaveLength(6);
  });
});

describe("the schedule", () => {
  const SILENT = { subject: FLEET, cause: "ScheduleSilent" };

  test("that never fired is told of once the watch has looked for so long", async () => {
    const plane = await controlPlane();
    expect(await notify(plane)).toEqual(QUIET);
    plane.clock.at += plane.silentAfterMs - 1;
    expect(await notify(plane)).toEqual(QUIET);
    plane.clock.at += 1;
    await notify(plane);
    expect(subjects(plane)).toEqual(["Keyturn: ScheduleSilent on the fleet"]);
    expect(plane.mail.sent[0]?.text).toContain("None ever was.");
  });

  test("that fired lately is all right", async () => {
    const plane = await controlPlane();
    plane.lastStarts["fleet-rotation"] = NOW - plane.silentAfterMs + 1;
    expect(await notify(plane)).toEqual(QUIET);
  });

  test("that fires no longer is told of once, and ends when it fires again", async () => {
    const plane = await controlPlane();
    plane.lastStarts["fleet-rotation"] = NOW - plane.silentAfterMs;
    for (let looks = 0; looks < 50; looks += 1) {
      await notify(plane);
      plane.clock.at += LOOKS_EVERY_MS;
    }
    expect(subjects(plane)).toEqual(["Keyturn: ScheduleSilent on the fleet"]);
    expect(plane.mail.sent[0]?.text).toContain("The last run was started 2026-11-18T03:00:00.000Z.");
    plane.lastStarts["fleet-rotation"] = plane.now();
    await notify(plane);
    expect(await finding(plane, SILENT)).toHaveProperty("endAnnouncedAt");
  });

  test("that fires no longer stands, also where nobody looked for hours", async () => {
    const plane = await controlPlane();
    plane.lastStarts["fleet-rotation"] = NOW - plane.silentAfterMs;
    await notify(plane);
    plane.clock.at += 5 * AN_HOUR_MS;
    await notify(plane);
    expect(heard(plane)).toEqual(["Finding Opened"]);
  });

  test("is not asked for where there is no fleet", async () => {
    const plane = await controlPlane();
    await notify(plane);
    const lastStart = () => Promise.reject(new Error("no such flow"));
    const executions = { ...plane.executions, lastStart };
    plane.clock.at += 3 * plane.silentAfterMs;
    const noFleet = { ...plane, executions, silentAfterMs: Number.POSITIVE_INFINITY };
    await notifySns({ at: plane.now(), complete: true, execution: LOOK }, noFleet);
    expect(plane.mail.sent).toEqual([]);
  });

  test("of which nothing can be asked keeps nobody from being told, and the step says so", async () => {
    const plane = await controlPlane();
    await notify(plane);
    await expect(openFinding(mismatch, { ...plane, mail: topicAway })).rejects.toThrow("topic away");
    plane.clock.at += 8 * A_DAY_MS;
    plane.journal.counts.length = 0;
    const lastStart = () => Promise.reject(new Error("may not list"));
    const neighbours = { ...plane, executions: { ...plane.executions, lastStart } };
    const told = notifySns({ at: plane.now(), complete: true, execution: LOOK }, neighbours);
    await expect(told).rejects.toThrow("may not list");
    expect(subjects(plane)[0]).toBe(`Keyturn: MISMATCH on ${ID} (${EC2})`);
    expect(plane.mail.sent).toHaveLength(2);
    expect(plane.journal.counts).toEqual([]);
  });
});

test("what stands is gathered a day later, as the look itself has left it; what has ended, once it cannot come back", async () => {
  const plane = await controlPlane();
  plane.silentAfterMs = Number.POSITIVE_INFINITY;
  await notify(plane);
  await openFinding(mismatch, plane);
  await openFinding({ ...mismatch, cause: "PushFailed" }, plane);
  plane.clock.at += A_DAY_MS;
  await proved(plane);
  // The index lags: it gives them as they were.
  const listed = await plane.findings.listOpen();
  const findings = { ...plane.findings, listOpen: async () => structuredClone(listed) };
  const told = notifySns(
    { at: plane.now(), complete: true, execution: LOOK, seal: { day: "2026-11-20", digest: "5e".repeat(32) } },
    { ...plane, findings },
  );
  expect(await told).toEqual({ standing: 1, ended: 1, told: 0, gathered: true });
  const gathered = plane.mail.sent.at(-1);
  expect(gathered?.subject).toBe(`Keyturn: PushFailed on ${ID} (${EC2}) still stands`);
  expect(gathered?.text).not.toContain("MISMATCH");
  for (const part of [LOOK, "5e".repeat(32)]) expect(gathered?.text).toContain(part);
  plane.clock.at += A_DAY_MS;
  expect(await notify(plane)).toMatchObject({ gathered: true });
  expect(plane.mail.sent.at(-1)?.text).toMatch(/Ended:\n.*MISMATCH/);
  expect(await finding(plane)).toMatchObject({ endToldAt: plane.now() });
});

test("what a host was refused of a rekey is over by the record of its own instance, and by no other's", async () => {
  const plane = await controlPlane();
  const taken = (subject: string) => ({ subject, cause: "REKEY_TAKEN", execution: EXECUTION, facts: { id: ID } });
  for (const host of [EC2, "i-0fedcba9876543210"]) await openFinding(taken(host), plane);
  expect(await notify(plane)).toMatchObject({ standing: 2, ended: 0 });
  plane.clock.at += LOOKS_EVERY_MS;
  await alterRecord(plane, ID, (record) => {
    record.rekeyedAt = plane.now() - 1;
  });
  await proved(plane);
  expect(await notify(plane)).toMatchObject({ standing: 1, ended: 1 });
  expect((await finding(plane, taken(EC2))).endedAt).toBe(plane.now());
});

describe("what is told of a credential of the settings", () => {
  const retiring = { subject: SECRET, cause: "ConsumersBehind", execution: EXECUTION, facts: {} };
  const predecessor = { versionId: FIRST, user: "orders_a", announced: [] };

  test("stands until its record says that it is over", async () => {
    const plane = { ...(await controlPlane()), credentialSettings: [CREDENTIAL] };
    await openFinding(retiring, plane);
    const waiting = await plane.credentials.write({ ...newRecord(SECRET), predecessor }, undefined);
    expect(await notify(plane)).toMatchObject({ standing: 1, ended: 0 });
    await plane.credentials.write(newRecord(SECRET), waiting);
    expect(await notify(plane)).toMatchObject({ standing: 0, ended: 1 });
    expect(heard(plane)).toEqual(["Finding Opened", "Finding Ended"]);
  });

  test("and is none of theirs any more, is over a day later", async () => {
    const plane = await controlPlane();
    await openFinding(retiring, plane);
    await plane.credentials.write({ ...newRecord(SECRET), predecessor }, undefined);
    expect(await notify(plane)).toMatchObject({ ended: 0 });
    plane.clock.at += A_DAY_MS + 1;
    expect(await notify(plane)).toMatchObject({ ended: 1 });
  });
});
