import { ServiceException } from "@smithy/core/client";
import { describe, expect, test } from "vitest";
import type { HostState } from "../../../functions/clients/hosts.ts";
import { LONGEST_ROTATION_MS } from "../../../functions/record/due.ts";
import type { InstanceRecord, Rekey, StoredRecord } from "../../../functions/record/record.ts";
import { digestOf } from "../../../functions/shared/digest.ts";
import { StepError } from "../../../functions/shared/errors.ts";
import { lookAtRecords } from "../../../functions/watch/look-at-records/step.ts";
import { OLDEST_AGENT, successor } from "../../../protocol/index.ts";
import {
  type ControlPlane,
  EC2,
  hex64Of,
  ID,
  INTERVAL_MS,
  keyAgreed,
  LINE,
  LOOKS_EVERY_MS,
  NOW,
  PROOFS_EVERY_MS,
  pendingOf,
  ROTATE_EVERY_MS,
  rekeyOpened,
  SKEW_MS,
  TestInstance,
} from "../support.ts";
import { AN_HOUR_MS, alterRecord, LOOK, lookOnce, notify, prove, subjects, watched, watchedBeside } from "./looked.ts";

const STALE = `Keyturn: STALE on ${ID} (${EC2})`;
const MISMATCH = `Keyturn: MISMATCH on ${ID} (${EC2})`;
const CONFLICT = `Keyturn: CONFLICT on ${ID} (${EC2})`;

/** Time goes by to the next look, and those of whom it is said prove their keys. */
function nextLook(plane: ControlPlane, proving = [plane.instance]) {
  plane.clock.at += LOOKS_EVERY_MS;
  for (const instance of proving) prove(plane, instance);
  return lookOnce(plane);
}

function awsError(name: string): Error {
  return new ServiceException({ name, $fault: "client", $metadata: {}, message: "It says why." });
}

/** Whoever wrote so does not hold the key. */
function forge(plane: ControlPlane, timeMs: number): void {
  plane.timeSeries.write(ID, EC2, { timeMs, generation: 1, hash: hex64Of("forged") });
}

/** Hosts that note whom they are asked about. */
function asked(plane: ControlPlane) {
  const calls: string[][] = [];
  const states: ControlPlane["hosts"]["states"] = (ids) => {
    calls.push([...ids]);
    return plane.hosts.states(ids);
  };
  return { calls, hosts: { ...plane.hosts, states } };
}

/** A rekey that was opened a moment ago, and that nobody has answered. */
const REKEY: Rekey = { generation: 5, nonce: hex64Of("nonce"), openedAt: NOW, execution: "rekey-1", pushes: {} };

describe("one that is fresh and sound", () => {
  test("is left as it is until its proofs are due: nothing is read of its key, nothing written, nobody told", async () => {
    const plane = await watched();
    const before = await plane.record();
    const unseal = () => Promise.reject(new Error("asked for the key"));
    const read = () => Promise.reject(new Error("asked for the samples"));
    const { calls, hosts } = asked(plane);
    prove(plane);
    const neighbours = { hosts, vault: { ...plane.vault, unseal }, timeSeries: { ...plane.timeSeries, read } };
    expect(await lookOnce(plane, neighbours)).toEqual({ looked: 1, silent: 0, judged: 0 });
    expect(await plane.record()).toEqual(before);
    expect([calls, plane.mail.sent, plane.bus.events, plane.executions.started]).toEqual([[], [], [], []]);
  });

  test("is judged once as often as proofs are, and then that is noted alone, with its newest proof", async () => {
    const plane = await watched();
    const judgedAt: number[] = [];
    for (let at = 0; at <= 3 * PROOFS_EVERY_MS; at += LOOKS_EVERY_MS) {
      const before = await plane.record();
      const { judged } = await nextLook(plane);
      const now = plane.now();
      if (judged === 1) judgedAt.push(now);
      expect(await plane.record()).toEqual(judged === 0 ? before : { ...before, judgedAt: now, lastProofAt: now });
    }
    expect(judgedAt).toEqual([1, 2, 3].map((hour) => NOW + hour * PROOFS_EVERY_MS));
    expect(plane.mail.sent).toEqual([]);
  });

  test("is judged at the look nearest to when that is due, though a look comes a few seconds early", async () => {
    const plane = await watched({ judgedAt: NOW - PROOFS_EVERY_MS + 3000 });
    prove(plane);
    expect(await lookOnce(plane)).toMatchObject({ judged: 1 });
  });

  test("and proves a key that is pending, is sound as well", async () => {
    const plane = await watched();
    const pending = await pendingOf(plane.instance, plane.vault, hex64Of("nonce"));
    await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW - PROOFS_EVERY_MS });
    const { id, ec2InstanceId, key } = plane.instance;
    prove(plane, new TestInstance({ id, ec2InstanceId, generation: 2, key: successor(key, pending.nonce) }));
    expect(await lookOnce(plane)).toMatchObject({ judged: 1 });
    expect(await plane.record()).toMatchObject({ verdict: "MATCH_PENDING", judgedAt: NOW });
    expect(plane.mail.sent).toEqual([]);
  });

  test("that was never judged is judged at once", async () => {
    const plane = await watched();
    await alterRecord(plane, ID, (record) => {
      delete record.verdict;
      delete record.judgedAt;
    });
    prove(plane);
    expect(await lookOnce(plane)).toMatchObject({ judged: 1 });
    expect(await plane.record()).toMatchObject({ verdict: "MATCH", judgedAt: NOW });
  });

  test("and has just been turned, so that only its former key's proofs are there, is judged at the next look", async () => {
    const plane = await watched();
    prove(plane);
    const pending = await pendingOf(plane.instance, plane.vault, hex64Of("nonce"));
    await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW - PROOFS_EVERY_MS });
    const { receiptDigest } = pending;
    const turned = { generation: 2, receiptDigest, execution: "turns", at: NOW, dueAt: NOW + ROTATE_EVERY_MS };
    await plane.registry.promote(ID, { ...turned, line: LINE });
    await lookOnce(plane);
    expect(await plane.record()).toMatchObject({ verdict: "MATCH", judgedAt: NOW - PROOFS_EVERY_MS });
    expect(plane.mail.sent).toEqual([]);
  });
});

describe("one that is silent", () => {
  test("is told of once; its record says so, and later looks write nothing and tell nobody", async () => {
    const plane = await watched();
    expect(await lookOnce(plane)).toEqual({ looked: 1, silent: 1, judged: 0 });
    expect(subjects(plane)).toEqual([STALE]);
    expect(await plane.record()).toMatchObject({ status: "ACTIVE", verdict: "STALE", judgedAt: NOW });
    const before = [await plane.record(), structuredClone([...plane.findings.all])];
    for (let looks = 0; looks < 10; looks += 1) await nextLook(plane, []);
    expect([await plane.record(), [...plane.findings.all]]).toEqual(before);
    expect([plane.mail.sent.length, plane.bus.events.length]).toEqual([1, 1]);
  });

  test("and those that are said to be stopped: EC2 is asked about them together, and about no other", async () => {
    const plane = await watched();
    const silent = await watchedBeside(plane, "000001");
    const stopped = await watchedBeside(plane, "000002", { status: "STOPPED" }, "stopped");
    const fresh = await watchedBeside(plane, "000003");
    prove(plane, fresh);
    const { calls, hosts } = asked(plane);
    await lookOnce(plane, { hosts });
    expect(calls.map((ids) => ids.sort())).toEqual([[silent.ec2InstanceId, stopped.ec2InstanceId, EC2].sort()]);
  });

  test("and has come back between the reading of its record and of its samples is left to the next look", async () => {
    const plane = await watched();
    const newest: ControlPlane["timeSeries"]["newest"] = async (instances, window) => {
      await plane.registry.updateIp(ID, { ec2InstanceId: EC2, ip: "10.0.0.2", at: NOW });
      return plane.timeSeries.newest(instances, window);
    };
    await lookOnce(plane, { timeSeries: { ...plane.timeSeries, newest } });
    expect(plane.mail.sent).toEqual([]);
    expect(await plane.record()).toMatchObject({ verdict: "MATCH" });
  });

  test("of which a rotation has told before is told of no second time", async () => {
    const plane = await watched();
    await lookOnce(plane);
    await alterRecord(plane, ID, (record) => {
      record.judgedAt = NOW - 20 * AN_HOUR_MS;
    });
    await nextLook(plane, []);
    expect(subjects(plane)).toEqual([STALE]);
  });

  test.each<HostState>(["stopped", "stopping"])(
    "and is %s by EC2's word is noted so, and nobody told",
    async (state) => {
      const plane = await watched();
      plane.states.set(EC2, state);
      await lookOnce(plane);
      expect((await plane.record()).status).toBe("STOPPED");
      expect(plane.mail.sent).toEqual([]);
    },
  );

  test("and is terminated by EC2's word is retired, and nobody told", async () => {
    const plane = await watched();
    plane.states.set(EC2, "terminated");
    await lookOnce(plane);
    expect((await plane.registry.find(ID))?.status).toBe("RETIRED");
    expect(await plane.registry.findOwner(EC2)).toMatchObject({ endedAt: NOW });
    expect(plane.mail.sent).toEqual([]);
    // The line of that act is put by the next look, from the tombstone.
    await nextLook(plane, []);
    expect(await plane.audit.last(ID)).toMatchObject({ act: "retired", n: 1 });
  });

  test("and that EC2 does not know is told of, counted with each look, and retired after a day of that", async () => {
    const plane = await watched();
    plane.states.delete(EC2);
    for (let looks = 1; looks <= 24; looks += 1) {
      await lookOnce(plane);
      expect(await plane.record()).toMatchObject({ status: "ACTIVE", absentSince: NOW, absentLooks: looks });
      plane.clock.at += AN_HOUR_MS;
    }
    await lookOnce(plane);
    expect((await plane.registry.find(ID))?.status).toBe("RETIRED");
    expect(subjects(plane)).toEqual([STALE]);
  });

  test.each<[string, Partial<InstanceRecord>]>([
    ["registered", { registeredAt: NOW - INTERVAL_MS }],
    ["started", { startedAt: NOW - INTERVAL_MS }],
  ])("and has just %s is waited for", async (_, changes) => {
    const plane = await watched(changes);
    const before = await plane.record();
    await lookOnce(plane);
    expect(await plane.record()).toEqual(before);
    expect(plane.mail.sent).toEqual([]);
    plane.clock.at += 2 * INTERVAL_MS;
    await lookOnce(plane);
    expect(subjects(plane)).toEqual([STALE]);
  });

  test("though it starts again and again is waited for only once", async () => {
    const plane = await watched({ startedAt: NOW - INTERVAL_MS, waitingSince: NOW - 4 * INTERVAL_MS });
    await lookOnce(plane);
    expect(subjects(plane)).toEqual([STALE]);
  });

  test("and was stopped and started since is told of anew, once it has had its time", async () => {
    const plane = await watched();
    await lookOnce(plane);
    await plane.registry.stop(ID, { ec2InstanceId: EC2 });
    plane.states.set(EC2, "stopped");
    plane.clock.at += LOOKS_EVERY_MS;
    await notify(plane);
    expect(await plane.findings.find({ subject: ID, cause: "STALE" })).toHaveProperty("endedAt");
    plane.states.set(EC2, "running");
    await plane.registry.start(ID, { ec2InstanceId: EC2, at: plane.now() });
    await nextLook(plane, []);
    // Within the hour it is the same one, of which people know.
    expect(await plane.findings.find({ subject: ID, cause: "STALE" })).not.toHaveProperty("endedAt");
    expect(subjects(plane)).toEqual([STALE]);
  });

  test("and was in quarantine since is told of anew, when proofs are due again", async () => {
    const plane = await watched();
    await lookOnce(plane);
    await plane.registry.quarantine(ID, { line: LINE });
    await notify(plane);
    expect(await plane.findings.find({ subject: ID, cause: "STALE" })).toHaveProperty("endedAt");
    plane.clock.at += 5 * AN_HOUR_MS;
    await plane.registry.release(ID, { line: LINE });
    await lookOnce(plane);
    expect(subjects(plane)).toEqual([STALE, STALE]);
  });
});

describe("one whose proofs do not fit", () => {
  test("is told of with the look, and its record says so from then on, and MATCH no more", async () => {
    const plane = await watched({ judgedAt: NOW - PROOFS_EVERY_MS, lastProofAt: NOW - 2 * PROOFS_EVERY_MS });
    plane.timeSeries.write(ID, EC2, plane.instance.sampleAt(NOW - 2 * INTERVAL_MS));
    forge(plane, NOW - INTERVAL_MS);
    expect(await lookOnce(plane)).toEqual({ looked: 1, silent: 0, judged: 1 });
    expect(subjects(plane)).toEqual([MISMATCH]);
    expect(plane.mail.sent[0]?.text).toContain("Last proof: 2026-11-20 02:58:00 UTC");
    expect(plane.mail.sent[0]?.text).toContain(LOOK);
    expect(await plane.record()).toMatchObject({
      ...{ verdict: "MISMATCH", judgedAt: NOW, lastProofAt: NOW - 2 * INTERVAL_MS },
    });
    expect(plane.journal.counts).toEqual(["Verdict MISMATCH"]);
  });

  test("is judged at each look until it is sound, and told of once", async () => {
    const plane = await watched({ judgedAt: 0 });
    forge(plane, NOW);
    await lookOnce(plane);
    for (let looks = 1; looks <= 4; looks += 1) {
      plane.clock.at += LOOKS_EVERY_MS;
      forge(plane, plane.now());
      expect(await lookOnce(plane)).toMatchObject({ judged: 1 });
    }
    expect(subjects(plane)).toEqual([MISMATCH]);
    expect(await plane.findings.find({ subject: ID, cause: "MISMATCH" })).toMatchObject({ times: 5 });
  });

  test("since two write as it is told of as that", async () => {
    const plane = await watched({ judgedAt: 0 });
    forge(plane, NOW - INTERVAL_MS);
    prove(plane);
    await lookOnce(plane);
    expect(subjects(plane)).toEqual([CONFLICT]);
    expect(await plane.record()).toMatchObject({ verdict: "CONFLICT", judgedAt: NOW });
  });

  test("and that proves its key again is noted so, and the finding ended when the look ends", async () => {
    const plane = await watched({ judgedAt: 0 });
    forge(plane, NOW);
    await lookOnce(plane);
    expect(await notify(plane)).toMatchObject({ standing: 1, ended: 0 });
    plane.clock.at += 11 * INTERVAL_MS;
    prove(plane);
    await lookOnce(plane);
    expect(await plane.record()).toMatchObject({ verdict: "MATCH", judgedAt: plane.now() });
    expect(await notify(plane)).toMatchObject({ standing: 0, ended: 1 });
    expect(plane.bus.events.map(({ detailType }) => detailType)).toEqual(["Finding Opened", "Finding Ended"]);
  });

  test("and falls silent then is told of as silent, too: what was wrong stands until it is sound", async () => {
    const plane = await watched({ judgedAt: 0 });
    forge(plane, NOW);
    await lookOnce(plane);
    await notify(plane);
    for (let looks = 0; looks < 3; looks += 1) {
      await nextLook(plane, []);
      expect(await notify(plane)).toMatchObject({ ended: 0 });
    }
    expect(subjects(plane)).toEqual([MISMATCH, STALE]);
    plane.clock.at += LOOKS_EVERY_MS;
    await nextLook(plane);
    expect(await notify(plane)).toMatchObject({ standing: 0, ended: 2 });
  });

  test("by a rotation's word, which goes on beside a conflict, is judged at the next look", async () => {
    const plane = await watched();
    const { id, ec2InstanceId, key } = plane.instance;
    await plane.registry.setPending(ID, {
      ...{
        pending: await pendingOf(plane.instance, plane.vault, hex64Of("nonce")),
        verdict: "CONFLICT",
        lastProofAt: NOW,
      },
    });
    prove(plane, new TestInstance({ id, ec2InstanceId, key }));
    expect(await lookOnce(plane)).toMatchObject({ judged: 1 });
  });

  test("or was silent, and that a rotation has found sound, is told of no more with the next look", async () => {
    const plane = await watched();
    await lookOnce(plane);
    plane.clock.at += LOOKS_EVERY_MS;
    prove(plane);
    const pending = await pendingOf(plane.instance, plane.vault, hex64Of("nonce"));
    await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: plane.now() });
    expect(await lookOnce(plane)).toMatchObject({ judged: 0 });
    expect(await notify(plane)).toMatchObject({ standing: 0, ended: 1 });
  });

  test("or was silent, and that proves its key again, is noted so at the next look", async () => {
    const plane = await watched();
    await lookOnce(plane);
    await nextLook(plane);
    expect(await plane.record()).toMatchObject({ verdict: "MATCH", judgedAt: plane.now() });
    expect(await notify(plane)).toMatchObject({ standing: 0, ended: 1 });
  });

  test("since its key was turned between the reading of its record and of its samples is left to the next look", async () => {
    const plane = await watched({ judgedAt: 0 });
    prove(plane);
    const read: ControlPlane["timeSeries"]["read"] = async (window) => {
      const pending = await pendingOf(plane.instance, plane.vault, hex64Of("nonce"));
      await plane.registry.setPending(ID, { pending, verdict: "MATCH", lastProofAt: NOW - 1 });
      forge(plane, NOW + 1);
      return plane.timeSeries.read(window);
    };
    await lookOnce(plane, { timeSeries: { ...plane.timeSeries, read } });
    expect(plane.mail.sent).toEqual([]);
    expect(await plane.record()).toMatchObject({ verdict: "MATCH", judgedAt: NOW - 1 });
  });

  test.each<[string, (plane: ControlPlane) => unknown]>([
    ["was put in quarantine", ({ registry }) => registry.quarantine(ID, { line: LINE })],
    ["was retired", ({ registry }) => registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE })],
    ["has gone", ({ registry }) => registry.records.delete(ID)],
  ])("and that %s meanwhile is told of no more", async (_, befall) => {
    const plane = await watched({ judgedAt: 0 });
    forge(plane, NOW);
    const read: ControlPlane["timeSeries"]["read"] = async (window) => {
      await befall(plane);
      return plane.timeSeries.read(window);
    };
    await lookOnce(plane, { timeSeries: { ...plane.timeSeries, read } });
    expect(plane.mail.sent).toEqual([]);
  });
});

describe("one that claims a generation that its record does not know", () => {
  const claim = (plane: ControlPlane, generation = 4) =>
    plane.timeSeries.write(ID, EC2, { timeMs: plane.now(), generation, hash: hex64Of("claimed") });

  test("has a rotation started, which derives what it may have turned to, and nobody is told of a mismatch", async () => {
    const plane = await watched({ judgedAt: 0 });
    claim(plane);
    await lookOnce(plane);
    const hour = Math.floor(NOW / LONGEST_ROTATION_MS);
    const started = {
      flow: "rotation",
      name: `${ID}-behind-1-${hour}`,
      input: { id: ID, trigger: "watch", run: "look" },
    };
    expect(plane.executions.started).toEqual([started]);
    expect(plane.mail.sent).toEqual([]);
    // And never says that all is well beside it.
    expect(await plane.record()).toMatchObject({ verdict: "MISMATCH", judgedAt: NOW });
  });

  test("once an hour, however often it is looked, and whatever is claimed", async () => {
    const plane = await watched({ judgedAt: 0 });
    for (let looks = 0; looks < 12; looks += 1) {
      claim(plane, 4 + looks);
      await lookOnce(plane);
      plane.clock.at += LOOKS_EVERY_MS;
    }
    const names = plane.executions.started.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeLessThanOrEqual(2);
    plane.clock.at += AN_HOUR_MS;
    claim(plane);
    await lookOnce(plane);
    expect(plane.executions.started).toHaveLength(names.length + 1);
    expect(plane.mail.sent).toEqual([]);
  });

  test("and cannot have it started is told of under that name", async () => {
    const plane = await watched({ judgedAt: 0 });
    claim(plane);
    const start = () => Promise.reject(awsError("ExecutionLimitExceeded"));
    await lookOnce(plane, { executions: { ...plane.executions, start } });
    expect(subjects(plane)).toEqual([`Keyturn: ExecutionLimitExceeded on ${ID} (${EC2})`]);
  });

  test("beside a proof is a conflict as any other", async () => {
    const plane = await watched({ judgedAt: 0 });
    plane.clock.at += INTERVAL_MS;
    claim(plane);
    plane.clock.at += INTERVAL_MS;
    prove(plane);
    await lookOnce(plane);
    expect(subjects(plane)).toEqual([CONFLICT]);
    expect(plane.executions.started).toEqual([]);
  });
});

describe("one that is to be rekeyed", () => {
  const ahead = { rekey: REKEY, dueAt: NOW + AN_HOUR_MS, judgedAt: 0 };

  test("and whose proofs do not fit, whatever they claim, is not told of: people know, and its record says so", async () => {
    for (const generation of [1, 4, 9]) {
      const plane = await watched(ahead);
      plane.timeSeries.write(ID, EC2, { timeMs: NOW, generation, hash: hex64Of("forged") });
      for (let looks = 0; looks < 2; looks += 1) await lookOnce(plane);
      expect([plane.mail.sent, plane.executions.started]).toEqual([[], []]);
      expect(await plane.record()).toMatchObject({ verdict: "MISMATCH", judgedAt: NOW });
    }
  });

  test("is told of again, once its key was agreed and what it writes does not fit that", async () => {
    const plane = await watched({ judgedAt: 0 });
    const receipt = await keyAgreed(plane, await rekeyOpened(plane));
    const receiptDigest = digestOf(receipt.proof);
    const change = { generation: 5, receiptDigest, execution: "rekey-1", at: NOW, dueAt: NOW + 24 * AN_HOUR_MS };
    await plane.registry.promoteRekey(ID, { ...change, line: LINE });
    plane.timeSeries.write(ID, EC2, { timeMs: NOW, generation: 5, hash: hex64Of("forged") });
    await lookOnce(plane);
    expect(subjects(plane)).toEqual([MISMATCH]);
  });

  test("and of which two write is told of as that", async () => {
    const plane = await watched(ahead);
    forge(plane, NOW - INTERVAL_MS);
    prove(plane);
    await lookOnce(plane);
    expect(subjects(plane)).toEqual([CONFLICT]);
  });

  test("and holds the agreed key already is sound, and its rekey tried again until its receipt is there", async () => {
    const plane = await watched({ judgedAt: 0 });
    await keyAgreed(plane, await rekeyOpened(plane));
    prove(plane);
    await lookOnce(plane);
    expect(await plane.record()).toMatchObject({ verdict: "MATCH_PENDING", lastProofAt: NOW });
    expect(plane.mail.sent).toEqual([]);
    expect(plane.executions.started.map(({ name }) => name)).toEqual([`${ID}-due-${NOW}-0`]);
  });

  test("though its host was off is turned once EC2 says that it runs", async () => {
    const plane = await watched({ ...ahead, dueAt: NOW, status: "STOPPED" });
    plane.states.set(EC2, "stopped");
    await lookOnce(plane);
    expect(plane.executions.started).toEqual([]);
    plane.states.set(EC2, "running");
    for (let looks = 0; looks < 2; looks += 1) await nextLook(plane);
    expect(plane.executions.started.map(({ name }) => name)).toEqual([`${ID}-due-${NOW}-0`]);
  });

  test("by a rekey that is opened between the reading of its record and of its samples is left to the next look", async () => {
    const plane = await watched({ judgedAt: 0 });
    forge(plane, NOW);
    const read: typeof plane.timeSeries.read = async (...given) => {
      await rekeyOpened(plane);
      return plane.timeSeries.read(...given);
    };
    await lookOnce(plane, { timeSeries: { ...plane.timeSeries, read } });
    expect(plane.mail.sent).toEqual([]);
    expect(await plane.record()).toMatchObject({ judgedAt: 0 });
  });

  test("and answers between the reading of its record and of its samples is left to the next look", async () => {
    const plane = await watched({ judgedAt: 0 });
    const rekey = await rekeyOpened(plane);
    prove(plane);
    plane.clock.at += 1000;
    const read: typeof plane.timeSeries.read = async (...given) => {
      await keyAgreed(plane, rekey);
      prove(plane);
      return plane.timeSeries.read(...given);
    };
    await lookOnce(plane, { timeSeries: { ...plane.timeSeries, read } });
    expect(plane.mail.sent).toEqual([]);
    expect(await plane.record()).toMatchObject({ judgedAt: 0 });
  });
});

describe("one that is said to be stopped", () => {
  const stopped = (changes: Partial<InstanceRecord> = {}) => watched({ status: "STOPPED", ...changes });

  test("proves its key, and EC2 says that it runs: it is active again", async () => {
    const plane = await stopped({ judgedAt: 0 });
    prove(plane);
    expect(await lookOnce(plane)).toMatchObject({ judged: 1 });
    expect(await plane.record()).toMatchObject({ status: "ACTIVE", startedAt: NOW, verdict: "MATCH", judgedAt: NOW });
  });

  test("wrote before it was stopped: it stays, and nobody is told, at whatever look", async () => {
    const plane = await stopped({ judgedAt: 0 });
    plane.states.set(EC2, "stopped");
    const before = await plane.record();
    // Its clock may be ahead by so much.
    plane.timeSeries.write(ID, EC2, plane.instance.sampleAt(NOW + SKEW_MS));
    for (let looks = 0; looks < 4; looks += 1) {
      expect(await lookOnce(plane)).toMatchObject({ judged: 0 });
      plane.clock.at += INTERVAL_MS;
    }
    expect(await plane.record()).toEqual(before);
    expect([plane.mail.sent, plane.bus.events]).toEqual([[], []]);
  });

  test.each<[string, (plane: ControlPlane) => void]>([
    ["proves its key", (plane) => prove(plane)],
    ["does not prove its key", (plane) => forge(plane, plane.now())],
  ])("is so for longer, and somebody who %s goes on writing: that is told, once", async (_, write) => {
    const plane = await stopped();
    plane.states.set(EC2, "stopped");
    for (let looks = 0; looks < 6; looks += 1) {
      write(plane);
      await lookOnce(plane);
      await notify(plane);
      expect(subjects(plane)).toEqual(looks === 0 ? [] : [CONFLICT]);
      plane.clock.at += LOOKS_EVERY_MS;
    }
    expect(plane.mail.sent[0]?.text).toContain("EC2 says that its host is stopped, and somebody writes as it.");
    expect(await plane.record()).toMatchObject({ status: "STOPPED", verdict: "CONFLICT" });
    // Once it runs, and proves its key, that is over.
    plane.states.set(EC2, "running");
    plane.clock.at += 11 * INTERVAL_MS;
    for (let looks = 0; looks < 2; looks += 1) await nextLook(plane);
    await notify(plane);
    expect(await plane.findings.find({ subject: ID, cause: "CONFLICT" })).toHaveProperty("endedAt");
  });

  test("is stopped a second time, and wrote before that: nobody is told", async () => {
    const plane = await stopped();
    plane.states.set(EC2, "stopped");
    prove(plane);
    await lookOnce(plane);
    plane.clock.at += AN_HOUR_MS;
    await plane.registry.start(ID, { ec2InstanceId: EC2, at: plane.now() });
    await nextLook(plane);
    await plane.registry.stop(ID, { ec2InstanceId: EC2 });
    await lookOnce(plane);
    expect(plane.mail.sent).toEqual([]);
  });

  test("is silent, and EC2 says that it runs: it is expected to prove its key, and told of when it does not", async () => {
    const plane = await stopped();
    await lookOnce(plane);
    expect(await plane.record()).toMatchObject({ status: "ACTIVE", startedAt: NOW, verdict: "MATCH" });
    expect(plane.mail.sent).toEqual([]);
    await nextLook(plane, []);
    expect(subjects(plane)).toEqual([STALE]);
  });

  test("writes what does not fit, and EC2 says that it runs: that is told", async () => {
    const plane = await stopped({ judgedAt: 0 });
    forge(plane, NOW);
    await lookOnce(plane);
    expect(await plane.record()).toMatchObject({ status: "ACTIVE", verdict: "MISMATCH" });
    expect(subjects(plane)).toEqual([MISMATCH]);
  });

  test("was started by another meanwhile: the next look looks at it", async () => {
    const plane = await stopped({ judgedAt: 0 });
    prove(plane);
    const states: ControlPlane["hosts"]["states"] = async (ids) => {
      await plane.registry.start(ID, { ec2InstanceId: EC2, at: NOW });
      return plane.hosts.states(ids);
    };
    expect(await lookOnce(plane, { hosts: { ...plane.hosts, states } })).toMatchObject({ judged: 0 });
    expect(await nextLook(plane)).toMatchObject({ judged: 1 });
  });

  test("is terminated by EC2's word: it is retired", async () => {
    const plane = await stopped();
    plane.states.set(EC2, "terminated");
    await lookOnce(plane);
    expect((await plane.registry.find(ID))?.status).toBe("RETIRED");
  });

  test("is unknown to EC2: it is retired after a day of that, and nobody is told", async () => {
    const plane = await stopped();
    plane.states.delete(EC2);
    for (let hours = 0; hours <= 24; hours += 1) {
      expect((await plane.registry.find(ID))?.status).toBe("STOPPED");
      await lookOnce(plane);
      plane.clock.at += AN_HOUR_MS;
    }
    expect((await plane.registry.find(ID))?.status).toBe("RETIRED");
    expect(plane.mail.sent).toEqual([]);
  });

  test("is unknown to EC2, and writes: that speaks for it", async () => {
    const plane = await stopped();
    plane.states.delete(EC2);
    const before = await plane.record();
    prove(plane);
    await lookOnce(plane);
    expect(await plane.record()).toEqual(before);
  });
});

describe("what is to be turned", () => {
  test.each<[string, Partial<InstanceRecord>]>([
    ["one that failed and is due again", { failingSince: NOW - AN_HOUR_MS, dueAt: NOW }],
    ["a newcomer that is due", { status: "NEW", dueAt: NOW }],
    ["one that is to be rekeyed, and is due from then on", { rekey: REKEY, dueAt: NOW }],
  ])("%s: its rotation is started once under the name of that moment", async (_, changes) => {
    const plane = await watched(changes);
    prove(plane);
    await lookOnce(plane);
    const started = { flow: "rotation", name: `${ID}-due-${NOW}-0`, input: { id: ID, trigger: "watch", run: "look" } };
    expect(plane.executions.started).toEqual([started]);
    // It is there already, whoever started it, and however it ended.
    plane.clock.at += LOOKS_EVERY_MS;
    for (const execution of plane.executions.started) execution.ended = true;
    await lookOnce(plane);
    expect(plane.executions.started).toHaveLength(1);
    plane.clock.at = NOW + LONGEST_ROTATION_MS;
    await lookOnce(plane);
    expect(plane.executions.started.map(({ name }) => name)).toEqual([`${ID}-due-${NOW}-0`, `${ID}-due-${NOW}-1`]);
  });

  test("one whose rotation cannot be started is told of under that name, and looked at all the same", async () => {
    const plane = await watched({ failingSince: NOW - AN_HOUR_MS, dueAt: NOW, judgedAt: 0 });
    forge(plane, NOW);
    const start = () => Promise.reject(awsError("ExecutionLimitExceeded"));
    await lookOnce(plane, { executions: { ...plane.executions, start } });
    expect(subjects(plane)).toEqual([MISMATCH, `Keyturn: ExecutionLimitExceeded on ${ID} (${EC2})`]);
  });

  test.each<[string, Partial<InstanceRecord>]>([
    ["one that failed and is not due yet", { failingSince: NOW - AN_HOUR_MS, dueAt: NOW + 1 }],
    ["a newcomer that is not due yet", { status: "NEW", dueAt: NOW + 1 }],
    ["one that is due, and has not failed: that is the schedule's", { dueAt: NOW }],
    ["one that is to be rekeyed, and whose push has failed a moment ago", { rekey: REKEY, dueAt: NOW + 1 }],
    ["one that is to be rekeyed, and is stopped", { rekey: REKEY, dueAt: NOW, status: "STOPPED" }],
    ["one that is to be rekeyed, and is in quarantine", { rekey: REKEY, dueAt: NOW, status: "QUARANTINED" }],
    ["one that failed and is stopped", { failingSince: NOW - AN_HOUR_MS, dueAt: NOW, status: "STOPPED" }],
    ["one that failed and is in quarantine", { failingSince: NOW - AN_HOUR_MS, dueAt: NOW, status: "QUARANTINED" }],
  ])("not %s", async (_, changes) => {
    const plane = await watched(changes);
    prove(plane);
    await lookOnce(plane);
    expect(plane.executions.started).toEqual([]);
  });

  test("a newcomer is looked at in no other way, whatever it writes or does not write", async () => {
    const plane = await watched({ status: "NEW", judgedAt: 0 });
    const before = await plane.record();
    await lookOnce(plane);
    forge(plane, NOW);
    await lookOnce(plane);
    expect(await plane.record()).toEqual(before);
    expect(plane.mail.sent).toEqual([]);
  });
});

describe("an agent that is older than this control plane counts on", () => {
  const TOO_OLD = `Keyturn: AgentTooOld on ${ID} (${EC2})`;
  const seen = { ec2InstanceId: EC2, ip: "10.0.0.4" };

  async function ofVersion(agentVersion: string | undefined, changes: Partial<InstanceRecord> = {}) {
    const plane = await watched({ judgedAt: NOW - PROOFS_EVERY_MS, ...changes });
    await alterRecord(plane, ID, (record) => {
      if (agentVersion === undefined) delete record.agentVersion;
      else record.agentVersion = agentVersion;
    });
    prove(plane);
    return plane;
  }

  test.each([undefined, "0.1.0", "0.1.99", "not a version"])("is told of once where it says %s", async (version) => {
    const plane = await ofVersion(version);
    expect(await lookOnce(plane)).toMatchObject({ judged: 1 });
    expect(subjects(plane)).toEqual([TOO_OLD]);
    expect(plane.mail.sent[0]?.text).toContain(`at least ${OLDEST_AGENT} is needed`);
    expect(plane.mail.sent[0]?.text).not.toContain("not a version");
    for (let ms = 0; ms < 2 * PROOFS_EVERY_MS; ms += LOOKS_EVERY_MS) {
      await nextLook(plane);
      await notify(plane);
    }
    expect(subjects(plane)).toEqual([TOO_OLD]);
    expect((await plane.record()).verdict).toBe("MATCH");
  });

  test.each([OLDEST_AGENT, "0.10.0", "1.0.0"])("is not what says %s", async (version) => {
    const plane = await ofVersion(version);
    await lookOnce(plane);
    expect(plane.mail.sent).toEqual([]);
  });

  test("is over with the look after a newer one has registered, and not with a turn of its key", async () => {
    const plane = await ofVersion(undefined);
    await lookOnce(plane);
    await alterRecord(plane, ID, ({ current }) => {
      current.since = plane.now() + 1;
    });
    await nextLook(plane);
    await notify(plane);
    const finding = () => plane.findings.find({ subject: ID, cause: "AgentTooOld" });
    expect((await finding())?.endedAt).toBeUndefined();
    await plane.registry.updateIp(ID, { ...seen, agentVersion: OLDEST_AGENT, at: plane.now() });
    await nextLook(plane);
    await notify(plane);
    expect((await finding())?.endedAt).toBe(plane.now());
  });

  test("is not told of, where it was updated while the watch looked", async () => {
    const plane = await ofVersion(undefined);
    const page = await plane.registry.listPage({ limit: 10 });
    await plane.registry.updateIp(ID, { ...seen, agentVersion: OLDEST_AGENT, at: plane.now() });
    plane.registry.listPage = async () => page;
    await lookOnce(plane);
    expect(plane.mail.sent).toEqual([]);
  });
});

describe("a key that is two periods old", () => {
  const TOO_OLD = `Keyturn: KeyTooOld on ${ID} (${EC2})`;

  async function old(changes: Partial<InstanceRecord> = {}) {
    const plane = await watched({ judgedAt: NOW - PROOFS_EVERY_MS, ...changes });
    await alterRecord(plane, ID, ({ current }) => {
      current.since = NOW - 2 * ROTATE_EVERY_MS;
    });
    return plane;
  }

  test("is told of once, and found anew with its proofs until it is turned", async () => {
    const plane = await old();
    prove(plane);
    await lookOnce(plane);
    expect(subjects(plane)).toEqual([TOO_OLD]);
    for (let ms = 0; ms < 2 * PROOFS_EVERY_MS; ms += LOOKS_EVERY_MS) {
      await nextLook(plane);
      await notify(plane);
    }
    expect(subjects(plane)).toEqual([TOO_OLD]);
    expect(await plane.findings.find({ subject: ID, cause: "KeyTooOld" })).toMatchObject({ times: 3 });
  });

  test("is told of as silence, where its instance is silent", async () => {
    const plane = await old();
    await lookOnce(plane);
    expect(subjects(plane)).toEqual([STALE]);
  });

  test.each<[string, Partial<InstanceRecord>]>([
    ["was silent", { verdict: "STALE" }],
    ["was stopped, and EC2 says that it runs", { status: "STOPPED", judgedAt: NOW - 40 * AN_HOUR_MS }],
    ["was stopped and has registered", { judgedAt: NOW - 40 * AN_HOUR_MS, startedAt: NOW - INTERVAL_MS }],
    ["was in quarantine", { judgedAt: NOW - 40 * AN_HOUR_MS }],
  ])("is not told of, where its instance %s until now, unless it is not turned then", async (_, changes) => {
    const plane = await old(changes);
    prove(plane);
    expect(await lookOnce(plane)).toMatchObject({ judged: 1 });
    for (let ms = LOOKS_EVERY_MS; ms < PROOFS_EVERY_MS; ms += LOOKS_EVERY_MS) await nextLook(plane);
    expect(plane.mail.sent).toEqual([]);
    await nextLook(plane);
    expect(subjects(plane)).toEqual([TOO_OLD]);
  });

  test("is not told of, where its instance is a newcomer", async () => {
    const plane = await old({ status: "NEW", dueAt: NOW + 1 });
    prove(plane);
    await lookOnce(plane);
    expect(plane.mail.sent).toEqual([]);
  });

  test("is not that old a moment before", async () => {
    const plane = await old();
    await alterRecord(plane, ID, ({ current }) => {
      current.since += 1;
    });
    prove(plane);
    await lookOnce(plane);
    expect(plane.mail.sent).toEqual([]);
  });
});

test("one in quarantine whose host is terminated by EC2's word is retired: its event may have been lost", async () => {
  const plane = await watched({ status: "QUARANTINED" });
  for (const state of ["stopped", "running", "terminated"] as const) {
    expect((await plane.registry.find(ID))?.status).toBe("QUARANTINED");
    plane.states.set(EC2, state);
    await lookOnce(plane);
  }
  expect((await plane.registry.find(ID))?.status).toBe("RETIRED");
  expect(plane.mail.sent).toEqual([]);
});

test("one in quarantine is not looked at: somebody has decided about it", async () => {
  const plane = await watched({ status: "QUARANTINED", judgedAt: 0 });
  const before = await plane.record();
  forge(plane, NOW);
  expect(await lookOnce(plane)).toEqual({ looked: 0, silent: 0, judged: 0 });
  expect(await plane.record()).toEqual(before);
  expect(plane.mail.sent).toEqual([]);
});

describe("an audit line that is due", () => {
  test.each<[string, (plane: ControlPlane) => unknown, string]>([
    [
      "a failure, of a live record",
      ({ registry }) =>
        registry.noteFailed(ID, {
          ...{ generation: 1, execution: "fails", at: NOW, dueAt: NOW + AN_HOUR_MS },
          line: { ...LINE, act: "failed" },
        }),
      "failed",
    ],
    [
      "a quarantine, of a record that is not looked at otherwise",
      ({ registry }) => registry.quarantine(ID, { line: { ...LINE, act: "quarantined" } }),
      "quarantined",
    ],
    [
      "a retirement, of a tombstone",
      ({ registry }) => registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE }),
      "retired",
    ],
  ])("%s: the look puts it once, in the place of whoever died before doing so", async (_, act, name) => {
    const plane = await watched();
    await act(plane);
    for (let looks = 0; looks < 3; looks += 1) await nextLook(plane);
    expect(plane.audit.lying).toMatchObject([{ subject: ID, n: 1, act: name, previous: "" }]);
    const { digest } = plane.audit.lying[0] ?? {};
    expect(await plane.registry.find(ID)).toMatchObject({ auditHead: { n: 1, digest }, auditDue: [] });
  });
});

test("how old the oldest key of an active instance is, is noted", async () => {
  const plane = await watched();
  await watchedBeside(plane, "000001", { status: "STOPPED" }, "stopped");
  await alterRecord(plane, "000001", ({ current }) => {
    current.since = 0;
  });
  await watchedBeside(plane, "000002");
  await lookOnce(plane);
  expect(plane.journal.durations).toEqual({ OldestKeyAge: [AN_HOUR_MS] });
  plane.registry.records.clear();
  await lookOnce(plane);
  expect(plane.journal.durations.OldestKeyAge).toHaveLength(1);
});

test("a page says where the next one begins, and the last one does not", async () => {
  const plane = await watched();
  for (let n = 1; n <= 2000; n += 1) await watchedBeside(plane, n.toString(16).padStart(6, "0"), { status: "STOPPED" });
  const first = await lookOnce(plane);
  expect(first).toMatchObject({ looked: 2000 });
  const rest = await lookAtRecords({ execution: LOOK, after: first.next }, plane);
  expect(rest).toEqual({ looked: 1, silent: 1, judged: 0 });
});

describe("whatever became of one record, the others are looked at", () => {
  const BESIDE = "ffffff";
  const [UNREADABLE, OF_BESIDE] = [`Keyturn: RecordUnreadable on ${ID} (${EC2})`, "Keyturn: STALE on ffffff"];

  /** The other one falls silent; what is wrong with the first is told, and the look goes on. */
  async function lookBoth(plane: ControlPlane, neighbours: Partial<ControlPlane> = {}) {
    await watchedBeside(plane, BESIDE);
    return lookOnce(plane, neighbours);
  }

  test("its key cannot be decrypted", async () => {
    const plane = await watched({ judgedAt: 0 });
    await alterRecord(plane, ID, ({ current }) => {
      current.ciphertext = "altered";
    });
    prove(plane);
    await lookBoth(plane);
    expect(subjects(plane).sort()).toEqual([
      `Keyturn: KeyUnreadable on ${ID} (${EC2})`,
      expect.stringContaining(OF_BESIDE),
    ]);
    // What is not judged is not noted as judged: once it is mended, the next look finds it so.
    expect(await plane.record()).toMatchObject({ judgedAt: 0 });
  });

  test("the key that its rekey has agreed cannot be decrypted", async () => {
    const plane = await watched({ judgedAt: 0 });
    await keyAgreed(plane, await rekeyOpened(plane));
    await alterRecord(plane, ID, ({ rekey }) => {
      if (rekey?.agreed) rekey.agreed.ciphertext = "altered";
    });
    prove(plane);
    await lookBoth(plane);
    expect(subjects(plane).sort()).toEqual([
      `Keyturn: KeyUnreadable on ${ID} (${EC2})`,
      expect.stringContaining(OF_BESIDE),
    ]);
    expect(await plane.record()).toMatchObject({ judgedAt: 0 });
  });

  test("AWS refuses what is asked of it: that is told under its own name", async () => {
    const plane = await watched({ judgedAt: 0 });
    prove(plane);
    const read = () => Promise.reject(awsError("AccessDeniedException"));
    await lookBoth(plane, { timeSeries: { ...plane.timeSeries, read } });
    expect(subjects(plane).sort()).toEqual([
      `Keyturn: AccessDeniedException on ${ID} (${EC2})`,
      expect.stringContaining(OF_BESIDE),
    ]);
  });

  test("AWS does not take what its record holds: that is wrong with the record", async () => {
    const plane = await watched({ judgedAt: 0 });
    prove(plane);
    const noteJudged = () => Promise.reject(awsError("ValidationException"));
    await lookOnce(plane, { registry: { ...plane.registry, noteJudged } });
    expect(subjects(plane)).toEqual([UNREADABLE]);
  });

  test.each<[string, (record: Partial<InstanceRecord>) => void, string]>([
    [
      "it names no host",
      (record) => Object.assign(record, { ec2InstanceId: "i-*" }),
      "Keyturn: RecordUnreadable on 0a1b2c",
    ],
    ["it names no host at all", (record) => delete record.ec2InstanceId, "Keyturn: RecordUnreadable on 0a1b2c"],
    ["its current key is missing", (record) => delete record.current, UNREADABLE],
    [
      "its current key is missing, though it was judged a moment ago",
      (record) => {
        delete record.current;
        record.judgedAt = NOW;
      },
      UNREADABLE,
    ],
    ["its lines due are none", (record) => Object.assign(record, { auditDue: [{ act: 1 }] }), UNREADABLE],
  ])("%s", async (_, alter, told) => {
    const plane = await watched({ judgedAt: 0 });
    await alterRecord(plane, ID, alter);
    prove(plane);
    for (let looks = 0; looks < 3; looks += 1) {
      await (looks === 0 ? lookBoth(plane) : lookOnce(plane));
      await notify(plane);
    }
    expect(subjects(plane).sort()).toEqual([told, expect.stringContaining(OF_BESIDE)].sort());
    expect(await plane.findings.find({ subject: ID, cause: "RecordUnreadable" })).not.toHaveProperty("endedAt");
  });

  test.each<[string, (plane: ControlPlane) => unknown]>([
    ["is left as a tombstone", ({ registry }) => registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE })],
    ["is in quarantine", ({ registry }) => registry.quarantine(ID, { line: LINE })],
  ])("and it %s, of which a line cannot be put: that is told once, and stands", async (_, befall) => {
    const plane = await watched();
    await befall(plane);
    const record = await plane.registry.find(ID);
    if (record) plane.registry.records.set(ID, { ...record, auditDue: [{ act: 1 }] as never });
    for (let looks = 0; looks < 4; looks += 1) {
      await nextLook(plane, []);
      await notify(plane);
    }
    expect(plane.bus.events.map(({ detailType }) => detailType)).toEqual(["Finding Opened"]);
    expect(subjects(plane)).toEqual([UNREADABLE]);
  });

  test("it is a tombstone that holds nothing but its name", async () => {
    const plane = await watched();
    await plane.registry.retire(ID, { ec2InstanceId: EC2, at: NOW, line: LINE });
    expect(await lookBoth(plane)).toEqual({ looked: 1, silent: 1, judged: 0 });
    expect(await plane.registry.find(ID)).toMatchObject({ status: "RETIRED", auditDue: [] } as Partial<StoredRecord>);
    expect(subjects(plane)).toEqual([expect.stringContaining(OF_BESIDE)]);
  });

  test("AWS is away for it: the step says so, once all others are done, and the next try tells what is left", async () => {
    const plane = await watched({ judgedAt: 0 });
    prove(plane);
    const unseal = () => Promise.reject(new StepError("TemporarilyUnavailable", "KMS is away."));
    const looking = lookBoth(plane, { vault: { ...plane.vault, unseal } });
    await expect(looking).rejects.toMatchObject({ name: "TemporarilyUnavailable" });
    expect(subjects(plane)).toEqual([expect.stringContaining(OF_BESIDE)]);
    expect(await lookOnce(plane)).toMatchObject({ judged: 1 });
    expect(plane.mail.sent).toHaveLength(1);
  });
});
