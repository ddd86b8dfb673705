import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { Due, Registry } from "../../../functions/clients/registry.ts";
import type { DueLine } from "../../../functions/record/audit.ts";
import type { InstanceRecord, StoredRecord } from "../../../functions/record/record.ts";
import { EXECUTION, hex64Of, LINE, NOW } from "../support.ts";
import { eventually } from "./eventually.ts";

const NONCE = hex64Of("nonce");

/** A record under IDs that no other test uses, since a table may be shared. */
function newRecord(changes: Partial<InstanceRecord> = {}): InstanceRecord {
  return {
    id: randomBytes(3).toString("hex"),
    ec2InstanceId: `i-0${randomBytes(8).toString("hex")}`,
    ip: "10.0.0.4",
    status: "ACTIVE",
    current: { generation: 1, nonce: "", ciphertext: "Y3VycmVudA==", since: NOW },
    agentPublic: hex64Of("agent"),
    serverPublic: hex64Of("server"),
    registeredAt: NOW,
    startedAt: NOW,
    dueAt: NOW,
    ...changes,
  };
}

const DIGEST = hex64Of("digest");
const pending = {
  ...{ generation: 2, nonce: NONCE, ciphertext: "cGVuZGluZw==" },
  ...{ ticketProof: hex64Of("ticket"), receiptDigest: DIGEST, pushes: {} },
};
const derived = { pending, verdict: "MATCH", lastProofAt: NOW };
const push = { taskToken: "token", sentAt: NOW };
const OTHER_EXECUTION = `${EXECUTION}-other`;
const lineOf = (act: string): DueLine => ({ ...LINE, act });
const promotion = {
  ...{ generation: 2, receiptDigest: DIGEST, execution: EXECUTION, at: NOW + 7, dueAt: NOW + 99 },
  line: lineOf("promoted"),
};
const failure = { generation: 1, execution: EXECUTION, at: NOW, dueAt: NOW + 9, line: lineOf("failed") };
const rekey = { generation: 5, nonce: NONCE, openedAt: NOW + 3, execution: "rekey-1", pushes: {} };
const agreed = {
  ...{ ciphertext: "YWdyZWVk", agentPublic: hex64Of("agent anew"), serverPublic: hex64Of("server anew") },
  receiptDigest: hex64Of("digest of the agreed"),
};
const rekeyPromotion = {
  ...{ generation: 5, receiptDigest: agreed.receiptDigest, execution: EXECUTION, at: NOW + 7, dueAt: NOW + 99 },
  line: lineOf("rekeyed"),
};
const brought = {
  ...{ from: 1, key: { generation: 4, nonce: NONCE, ciphertext: "Zm9yd2FyZA==" }, at: NOW + 7 },
  line: lineOf("brought-forward"),
};
const head = (n: number) => ({ n, digest: hex64Of(`line ${n}`) });

/**
 * What every registry does.
 *
 * @param makeRegistry gives an empty one, or one that others write to as well; it is called once
 */
export function registrySuite(makeRegistry: () => Registry | Promise<Registry>): void {
  let registry: Registry;
  beforeAll(async () => {
    registry = await makeRegistry();
  });

  async function added(changes: Partial<InstanceRecord> = {}): Promise<InstanceRecord> {
    const record = newRecord(changes);
    expect(await registry.add(record)).toBe(true);
    return record;
  }

  async function retired(): Promise<InstanceRecord> {
    const record = await added();
    const { id, ec2InstanceId } = record;
    expect(await registry.retire(id, { ec2InstanceId, at: NOW + 1, line: LINE })).toBe(true);
    return record;
  }

  describe("adding and finding", () => {
    test("a record is found as it was added", async () => {
      const record = await added({
        pending: { ...pending, pushes: { [EXECUTION]: push } },
        ...{ verdict: "MATCH", judgedAt: NOW + 1, failingSince: NOW + 2, failedIn: EXECUTION, lastProofAt: NOW },
        ...{ auditHead: head(7), auditDue: [{ ...LINE, details: { by: "schedule" } }, LINE] },
      });
      expect(await registry.find(record.id)).toEqual(record);
    });

    test("an ID that nobody has is not found", async () => expect(await registry.find("......")).toBeUndefined());

    test("an ID is added once, and stays the first one's", async () => {
      const record = await added();
      expect(await registry.add({ ...newRecord(), id: record.id })).toBe(false);
      expect(await registry.find(record.id)).toEqual(record);
    });

    test("of additions at once, one takes place", async () => {
      const records = [newRecord(), newRecord(), newRecord()].map((record, _n, [first]) => ({
        ...record,
        id: first?.id ?? "",
      }));
      const took = await Promise.all(records.map((record) => registry.add(record)));
      expect(took.filter(Boolean)).toHaveLength(1);
      expect(await registry.find(records[0]?.id ?? "")).toEqual(records[took.indexOf(true)]);
    });

    test("the live records of a host are found", async () => {
      const one = await added();
      const other = await added({ ec2InstanceId: one.ec2InstanceId });
      const gone = await added({ ec2InstanceId: one.ec2InstanceId });
      await registry.retire(gone.id, { ec2InstanceId: one.ec2InstanceId, at: NOW, line: LINE });
      const find = () => registry.findByEc2Instance(one.ec2InstanceId);
      const found = await eventually(find, (records) => records.length === 2);
      expect(found.map(({ id }) => id).sort()).toEqual([one.id, other.id].sort());
      expect(found.find(({ id }) => id === one.id)).toEqual(one);
      expect(await registry.findByEc2Instance("i-00000000")).toEqual([]);
    });
  });

  describe("the owner item of an EC2 instance", () => {
    const owner = { holder: "0a1b2c", newcomer: "0a1b2d", former: "0a1b2e", cameAt: [NOW, NOW + 1] };

    test("there is none before it is written, and then it is found as it was written", async () => {
      const { ec2InstanceId } = newRecord();
      expect(await registry.findOwner(ec2InstanceId)).toBeUndefined();
      expect(await registry.writeOwner(ec2InstanceId, owner, undefined)).toEqual({ ...owner, version: 1 });
      expect(await registry.findOwner(ec2InstanceId)).toEqual({ ...owner, version: 1 });
      expect(await registry.findByEc2Instance(ec2InstanceId)).toEqual([]);
    });

    test("it is written as it was read, or not at all", async () => {
      const { ec2InstanceId } = newRecord();
      const first = await registry.writeOwner(ec2InstanceId, owner, undefined);
      expect(await registry.writeOwner(ec2InstanceId, owner, undefined)).toBeUndefined();
      const turned = { holder: "0a1b2d", newcomer: undefined, cameAt: [] };
      const second = await registry.writeOwner(ec2InstanceId, turned, first);
      expect(second).toEqual({ holder: "0a1b2d", cameAt: [], version: 2 });
      expect(await registry.writeOwner(ec2InstanceId, owner, first)).toBeUndefined();
      expect(await registry.findOwner(ec2InstanceId)).toEqual(second);
    });

    test("of writes at once, one takes place", async () => {
      const { ec2InstanceId } = newRecord();
      for (const before of [undefined, { ...owner, version: 1 }]) {
        const took = await Promise.all([1, 2, 3].map(() => registry.writeOwner(ec2InstanceId, owner, before)));
        expect(took.filter((written) => written !== undefined)).toHaveLength(1);
      }
    });

    test("the end of a host is noted, whether or not there was an item, and who has read before writes no more", async () => {
      const { ec2InstanceId } = newRecord();
      expect(await registry.noteEnded(ec2InstanceId, { at: NOW })).toEqual({ cameAt: [], endedAt: NOW, version: 1 });
      expect(await registry.writeOwner(ec2InstanceId, owner, undefined)).toBeUndefined();
      const { ec2InstanceId: another } = newRecord();
      const before = await registry.writeOwner(another, owner, undefined);
      const ended = { ...owner, endedAt: NOW + 5, version: 2 };
      expect(await registry.noteEnded(another, { at: NOW + 5 })).toEqual(ended);
      expect(await registry.writeOwner(another, owner, before)).toBeUndefined();
      expect(await registry.noteEnded(another, { at: NOW + 9 })).toEqual({ ...ended, version: 3 });
      expect(await registry.findOwner(another)).toEqual({ ...ended, version: 3 });
    });
  });

  describe("a new record", () => {
    test("is active from a moment on, and due then or when it was", async () => {
      for (const dueAt of [NOW + 3, undefined]) {
        const record = await added({ status: "NEW" });
        const { id, ec2InstanceId } = record;
        const change = { ec2InstanceId, ...(dueAt !== undefined && { dueAt }) };
        expect(await registry.activate(id, { ...change, ec2InstanceId: "i-00000000" })).toBe(false);
        expect(await registry.activate(id, change)).toBe(true);
        expect(await registry.find(id)).toEqual({ ...record, status: "ACTIVE", dueAt: dueAt ?? record.dueAt });
        expect(await registry.activate(id, { ec2InstanceId, dueAt: NOW + 9 })).toBe(false);
      }
    });

    test("is neither stopped nor started, and stays new when its IP is updated", async () => {
      const record = await added({ status: "NEW" });
      const { id, ec2InstanceId } = record;
      expect(await registry.stop(id, { ec2InstanceId })).toBe(false);
      expect(await registry.start(id, { ec2InstanceId, at: NOW })).toBe(false);
      await registry.noteAbsent(id, { ec2InstanceId, at: NOW });
      expect(await registry.updateIp(id, { ec2InstanceId, ip: "::1", at: NOW + 5 })).toBe(true);
      const updated = await registry.find(id);
      expect(updated).toMatchObject({ ...record, ip: "::1", startedAt: NOW + 5 });
      for (const over of ["absentSince", "absentLooks"]) expect(updated).not.toHaveProperty(over);
    });
  });

  describe("the IP", () => {
    test("the owner's is updated, a stopped one is active again", async () => {
      for (const status of ["ACTIVE", "STOPPED"] as const) {
        const record = await added({ status });
        const { id, ec2InstanceId } = record;
        expect(await registry.updateIp(id, { ec2InstanceId, ip: "::1", at: NOW + 5 })).toBe(true);
        expect(await registry.find(id)).toEqual({ ...record, ip: "::1", startedAt: NOW + 5, status: "ACTIVE" });
      }
    });

    test("the version that the agent says is noted, and forgotten when it says none", async () => {
      for (const status of ["ACTIVE", "NEW"] as const) {
        const record = await added({ status, agentVersion: "0.2.0" });
        const { id, ec2InstanceId } = record;
        const seen = { ec2InstanceId, ip: record.ip, at: NOW + 5 };
        expect(await registry.find(id)).toEqual(record);
        expect(await registry.updateIp(id, { ...seen, agentVersion: "0.3.0" })).toBe(true);
        expect(await registry.find(id)).toMatchObject({ ...record, startedAt: NOW + 5, agentVersion: "0.3.0" });
        expect(await registry.updateIp(id, seen)).toBe(true);
        expect(await registry.find(id)).not.toHaveProperty("agentVersion");
      }
    });

    test("another host's, one in quarantine and an unknown one are left alone", async () => {
      const record = await added();
      expect(await registry.updateIp(record.id, { ec2InstanceId: "i-00000000", ip: "::1", at: NOW })).toBe(false);
      expect(await registry.find(record.id)).toEqual(record);
      const shut = await added({ status: "QUARANTINED" });
      expect(await registry.updateIp(shut.id, { ec2InstanceId: shut.ec2InstanceId, ip: "::1", at: NOW })).toBe(false);
      const { id, ec2InstanceId } = newRecord();
      expect(await registry.updateIp(id, { ec2InstanceId, ip: "::1", at: NOW })).toBe(false);
      expect(await registry.find(id)).toBeUndefined();
    });
  });

  describe("pending, push and promotion", () => {
    test("a successor is written once, beside the generation before it", async () => {
      const record = await added();
      const ahead = { ...derived, pending: { ...pending, generation: 3 } };
      expect(await registry.setPending(record.id, ahead)).toBe(false);
      expect(await registry.setPending(record.id, derived)).toBe(true);
      const other = { ...derived, pending: { ...pending, nonce: hex64Of("other") } };
      expect(await registry.setPending(record.id, other)).toBe(false);
      const { verdict, lastProofAt } = derived;
      expect(await registry.find(record.id)).toEqual({
        ...record,
        pending,
        verdict,
        judgedAt: lastProofAt,
        lastProofAt,
      });
    });

    test("of derivations at once, one is written", async () => {
      const { id } = await added();
      const took = await Promise.all([1, 2, 3].map(() => registry.setPending(id, derived)));
      expect(took.filter(Boolean)).toHaveLength(1);
    });

    test("what executions wait for is stored on the key that is pending, beside each other", async () => {
      const { id } = await added({ pending });
      const change = { generation: 2, execution: EXECUTION, push };
      expect(await registry.setPush(id, { ...change, generation: 3 })).toBeUndefined();
      expect(await registry.setPush(id, change)).toEqual({ ...pending, pushes: { [EXECUTION]: push } });
      const later = { ...push, taskToken: "later" };
      const both = { [EXECUTION]: push, [OTHER_EXECUTION]: later };
      const other = { ...change, execution: OTHER_EXECUTION, push: later };
      expect(await registry.setPush(id, other)).toEqual({ ...pending, pushes: both });
      expect(await registry.find(id)).toMatchObject({ pending: { pushes: both } });
      const { id: without } = await added();
      expect(await registry.setPush(without, change)).toBeUndefined();
    });

    test("an execution's later push takes the place of its earlier one", async () => {
      const { id } = await added({ pending });
      await registry.setPush(id, { generation: 2, execution: EXECUTION, push });
      const again = { ...push, sentAt: NOW + 5 };
      const after = await registry.setPush(id, { generation: 2, execution: EXECUTION, push: again });
      expect(after?.pushes).toEqual({ [EXECUTION]: again });
      // One that comes late, since its function hung, does not take it back.
      expect(await registry.setPush(id, { generation: 2, execution: EXECUTION, push })).toBeUndefined();
      expect(await registry.find(id)).toMatchObject({ pending: { pushes: { [EXECUTION]: again } } });
    });

    test("what is no longer waited for is forgotten", async () => {
      const names = ["one", "two", "three"];
      const pushes = Object.fromEntries(names.map((name) => [`${EXECUTION}-${name}`, push]));
      const { id } = await added({ pending: { ...pending, pushes } });
      const executions = [`${EXECUTION}-one`, `${EXECUTION}-three`];
      expect(await registry.forgetPushes(id, { generation: 3, executions })).toBe(false);
      expect(await registry.forgetPushes(id, { generation: 2, executions })).toBe(true);
      expect(await registry.find(id)).toMatchObject({ pending: { pushes: { [`${EXECUTION}-two`]: push } } });
    });

    test("the pending key becomes the current one, it fails no longer, and the pushes are told", async () => {
      const pushes = { [EXECUTION]: push };
      const record = await added({ pending: { ...pending, pushes }, failingSince: NOW, failedIn: EXECUTION });
      const { id } = record;
      expect(await registry.promote(id, { ...promotion, receiptDigest: hex64Of("other") })).toBeUndefined();
      expect(await registry.promote(id, { ...promotion, generation: 3 })).toBeUndefined();
      expect(await registry.find(id)).toEqual(record);
      const auditDue = [promotion.line];
      expect(await registry.promote(id, promotion)).toEqual({ pushes, auditDue });
      const { pending: _pending, failingSince: _since, failedIn: _in, ...rest } = record;
      const { generation, nonce, ciphertext } = pending;
      const current = { generation, nonce, ciphertext, since: NOW + 7, execution: EXECUTION, pushes };
      expect(await registry.find(id)).toEqual({ ...rest, current, dueAt: NOW + 99, auditDue });
      expect(await registry.promote(id, promotion)).toBeUndefined();
    });

    test("what executions waited for is kept with the key that they turned, until the next one is derived", async () => {
      const { id } = await added({ pending: { ...pending, pushes: { [EXECUTION]: push } } });
      await registry.promote(id, promotion);
      expect(await registry.find(id)).toMatchObject({ current: { pushes: { [EXECUTION]: push } } });
      await registry.setPending(id, { ...derived, pending: { ...pending, generation: 3 } });
      expect((await registry.find(id)) as InstanceRecord).not.toHaveProperty("current.pushes");
    });

    test("of an instance in quarantine nothing that a rotation finds out is written", async () => {
      const shut = await added({ status: "QUARANTINED" });
      expect(await registry.setPending(shut.id, derived)).toBe(false);
      expect(await registry.find(shut.id)).toEqual(shut);
      const midway = await added({ status: "QUARANTINED", pending });
      expect(await registry.setPush(midway.id, { generation: 2, execution: EXECUTION, push })).toBeUndefined();
      expect(await registry.promote(midway.id, promotion)).toBeUndefined();
      const { id, ec2InstanceId } = midway;
      expect(await registry.forgetPushes(id, { generation: 2, executions: [EXECUTION] })).toBe(false);
      expect(await registry.noteWaiting(id, { generation: 1, at: NOW, dueAt: NOW })).toBe(false);
      expect(await registry.noteFailed(id, failure)).toBe(false);
      expect(await registry.noteJudged(id, { generation: 1, verdict: "MATCH", at: NOW })).toBe(false);
      expect(await registry.noteAbsent(id, { ec2InstanceId, at: NOW })).toBeUndefined();
      expect(await registry.find(id)).toEqual(midway);
    });
  });

  describe("verdicts and failures", () => {
    test("what is waited for is waited for since the first time, until it stops or is turned", async () => {
      const record = await added();
      const { id, ec2InstanceId } = record;
      expect(await registry.noteWaiting(id, { generation: 1, at: NOW, dueAt: NOW + 9 })).toBe(true);
      expect(await registry.noteWaiting(id, { generation: 1, at: NOW + 5, dueAt: NOW + 10 })).toBe(true);
      const waiting = { ...record, verdict: "WAITING", waitingSince: NOW, dueAt: NOW + 10 };
      expect(await registry.find(id)).toEqual(waiting);

      await registry.stop(id, { ec2InstanceId });
      expect(await registry.find(id)).not.toHaveProperty("waitingSince");

      const { id: turned } = await added();
      await registry.noteWaiting(turned, { generation: 1, at: NOW, dueAt: NOW });
      await registry.setPending(turned, derived);
      expect(await registry.find(turned)).not.toHaveProperty("waitingSince");
    });

    test("who was turned meanwhile is not waited for, and a promotion ends the waiting", async () => {
      const { id } = await added({ pending });
      await registry.noteWaiting(id, { generation: 1, at: NOW, dueAt: NOW + 9 });
      await registry.promote(id, { ...promotion, dueAt: NOW + 1000 });
      expect(await registry.find(id)).not.toHaveProperty("waitingSince");
      expect(await registry.noteWaiting(id, { generation: 1, at: NOW, dueAt: NOW + 9 })).toBe(false);
      expect(await registry.find(id)).toMatchObject({ dueAt: NOW + 1000 });
    });

    test("what fails has failed since the first time, until it is turned, and its verdict is the latest", async () => {
      const record = await added({ pending, verdict: "MATCH", judgedAt: NOW - 1 });
      const { id } = record;
      const first = { ...failure, verdict: "MISMATCH" } as const;
      expect(await registry.noteFailed(id, first)).toBe(true);
      const failing = { ...record, failingSince: NOW, failedIn: EXECUTION, verdict: "MISMATCH", dueAt: NOW + 9 };
      expect(await registry.find(id)).toEqual({ ...failing, auditDue: [failure.line] });
      const again = { ...failure, execution: OTHER_EXECUTION, at: NOW + 5, dueAt: NOW + 10 };
      expect(await registry.noteFailed(id, again)).toBe(true);
      const auditDue = [failure.line, again.line];
      const still = { ...failing, failedIn: OTHER_EXECUTION, dueAt: NOW + 10, auditDue };
      expect(await registry.find(id)).toEqual(still);
      await registry.promote(id, promotion);
      for (const over of ["failingSince", "failedIn"]) expect(await registry.find(id)).not.toHaveProperty(over);
      expect(await registry.noteFailed(id, first)).toBe(false);
      expect(await registry.find(id)).toMatchObject({ dueAt: promotion.dueAt });
    });

    test("an execution has failed once, however often it says so", async () => {
      const { id } = await added();
      expect(await registry.noteFailed(id, failure)).toBe(true);
      const noted = await registry.find(id);
      const again = { ...failure, at: NOW + 5, dueAt: NOW + 10, line: { ...failure.line, timeMs: NOW + 5 } };
      expect(await registry.noteFailed(id, again)).toBe(false);
      expect(await registry.find(id)).toEqual(noted);
      const took = await Promise.all([1, 2, 3].map(() => registry.noteFailed(id, { ...again, execution: "another" })));
      expect(took.filter(Boolean)).toHaveLength(1);
      expect(await registry.find(id)).toMatchObject({ failedIn: "another", auditDue: [failure.line, again.line] });
    });

    test("what the watch has judged is noted with when, of the key that is current, and its last proof where there is one", async () => {
      const record = await added({ lastProofAt: NOW - 9 });
      const { id } = record;
      expect(await registry.noteJudged(id, { generation: 1, verdict: "MISMATCH", at: NOW })).toBe(true);
      const judged = { ...record, verdict: "MISMATCH", judgedAt: NOW };
      expect(await registry.find(id)).toEqual(judged);
      expect(await registry.noteJudged(id, { generation: 2, verdict: "MATCH", at: NOW + 1 })).toBe(false);
      expect(await registry.find(id)).toEqual(judged);
      const sound = { generation: 1, verdict: "MATCH", at: NOW + 2, lastProofAt: NOW + 1 } as const;
      expect(await registry.noteJudged(id, sound)).toBe(true);
      expect(await registry.find(id)).toEqual({
        ...record,
        ...{ verdict: "MATCH", judgedAt: NOW + 2, lastProofAt: NOW + 1 },
      });
    });

    test("what executions waited for is forgotten once its key is settled, and not before", async () => {
      const { id } = await added({ pending: { ...pending, pushes: { [EXECUTION]: push } } });
      await registry.promote(id, promotion);
      const judged = { generation: 2, verdict: "MATCH", at: NOW } as const;
      expect(await registry.noteJudged(id, judged)).toBe(true);
      expect(await registry.find(id)).toMatchObject({ current: { pushes: { [EXECUTION]: push } } });
      expect(await registry.noteJudged(id, { ...judged, isSettled: true })).toBe(true);
      expect(await registry.find(id)).not.toHaveProperty("current.pushes");
      expect(await registry.noteJudged(id, { ...judged, isSettled: true })).toBe(true);
    });
  });

  describe("a rekey", () => {
    const standing = { ...rekey, agreed, pushes: { [EXECUTION]: push } };

    test("is opened beside the keys that are there, and the instance is due from then on", async () => {
      for (const status of ["ACTIVE", "STOPPED"] as const) {
        const record = await added({ status, pending, dueAt: NOW + 1000 });
        expect(await registry.openRekey(record.id, { rekey, line: LINE })).toBe(true);
        expect(await registry.find(record.id)).toEqual({ ...record, rekey, dueAt: rekey.openedAt, auditDue: [LINE] });
      }
    });

    test.each<[string, Partial<InstanceRecord>, { replaces?: number }]>([
      ["for one that is new", { status: "NEW" }, {}],
      ["for one in quarantine", { status: "QUARANTINED" }, {}],
      ["beside another that stands", { rekey: { ...rekey, generation: 4 } }, {}],
      ["in the place of another than the one that stands", { rekey: { ...rekey, generation: 4 } }, { replaces: 3 }],
      ["in the place of one where none stands", {}, { replaces: 4 }],
      ["at the generation of the current key", { current: { ...newRecord().current, generation: 5 } }, {}],
      ["below the generation of the current key", { current: { ...newRecord().current, generation: 6 } }, {}],
      ["at the generation of the pending key", { pending: { ...pending, generation: 5 } }, {}],
      ["below the generation of the pending key", { pending: { ...pending, generation: 6 } }, {}],
    ])("is not opened %s", async (_where, changes, { replaces }) => {
      const record = await added(changes);
      expect(await registry.openRekey(record.id, { rekey, replaces, line: LINE })).toBe(false);
      expect(await registry.find(record.id)).toEqual(record);
    });

    test("of those opened at once, one stands", async () => {
      const { id } = await added();
      const took = await Promise.all([1, 2, 3].map(() => registry.openRekey(id, { rekey, line: LINE })));
      expect(took.filter(Boolean)).toHaveLength(1);
    });

    test("takes the place of another with what that one has agreed, and whoever waits goes on waiting", async () => {
      const record = await added({ rekey: { ...standing, generation: 4, nonce: hex64Of("other") } });
      expect(await registry.openRekey(record.id, { rekey, replaces: 4, line: LINE })).toBe(true);
      const { pushes } = standing;
      expect(await registry.find(record.id)).toEqual({
        ...record,
        ...{ rekey: { ...rekey, pushes }, dueAt: rekey.openedAt, auditDue: [LINE] },
      });
    });

    test("has its key agreed once, by whom it is for and with just its generation and nonce", async () => {
      const record = await added({ rekey });
      const { id, ec2InstanceId } = record;
      const change = { ec2InstanceId, generation: 5, nonce: NONCE, agreed };
      const wrong = { ec2InstanceId: "i-00000000", generation: 4, nonce: hex64Of("other") };
      for (const [name, value] of Object.entries(wrong)) {
        expect(await registry.agreeRekey(id, { ...change, [name]: value })).toBe(false);
      }
      expect(await registry.find(id)).toEqual(record);
      const others = [{ ...agreed, agentPublic: hex64Of("another's") }, agreed];
      expect(await registry.agreeRekey(id, change)).toBe(true);
      for (const other of others) expect(await registry.agreeRekey(id, { ...change, agreed: other })).toBe(false);
      expect(await registry.find(id)).toEqual({ ...record, rekey: { ...rekey, agreed } });
    });

    test("of those that agree at once, one has", async () => {
      const { id, ec2InstanceId } = await added({ rekey });
      const agree = () => registry.agreeRekey(id, { ec2InstanceId, generation: 5, nonce: NONCE, agreed });
      expect((await Promise.all([agree(), agree(), agree()])).filter(Boolean)).toHaveLength(1);
    });

    test("has no key agreed where none stands, or in quarantine", async () => {
      for (const changes of [{}, { rekey, status: "QUARANTINED" as const }]) {
        const record = await added(changes);
        const { id, ec2InstanceId } = record;
        expect(await registry.agreeRekey(id, { ec2InstanceId, generation: 5, nonce: NONCE, agreed })).toBe(false);
        expect(await registry.find(id)).toEqual(record);
      }
    });

    test("is pushed, and not the pending key beside it", async () => {
      const { id } = await added({ rekey, pending });
      const change = { generation: 5, rekey: true, execution: EXECUTION, push };
      expect(await registry.setPush(id, { ...change, rekey: false })).toBeUndefined();
      expect(await registry.setPush(id, { ...change, generation: 2 })).toBeUndefined();
      expect(await registry.setPush(id, { ...change, generation: 2, rekey: false })).toBeUndefined();
      expect(await registry.setPush(id, change)).toEqual({ ...rekey, pushes: { [EXECUTION]: push } });
      expect(await registry.find(id)).toMatchObject({ rekey: { pushes: { [EXECUTION]: push } }, pending });
      // One that comes late, since its function hung.
      const late = { ...push, sentAt: NOW - 1 };
      expect(await registry.setPush(id, { ...change, push: late })).toBeUndefined();
    });

    test("is not pushed where none stands, or in quarantine", async () => {
      for (const changes of [{ pending }, { rekey, status: "QUARANTINED" as const }]) {
        const { id } = await added(changes);
        const change = { rekey: true, execution: EXECUTION, push };
        for (const generation of [2, 5]) expect(await registry.setPush(id, { ...change, generation })).toBeUndefined();
        const forgotten = { rekey: true, generation: 5, executions: [EXECUTION] };
        expect(await registry.forgetPushes(id, forgotten)).toBe(false);
      }
    });

    test("forgets what is no longer waited for, and leaves the pending key's alone", async () => {
      const pushes = { [EXECUTION]: push, [OTHER_EXECUTION]: push };
      const { id } = await added({ rekey: { ...rekey, pushes: { ...pushes } }, pending: { ...pending, pushes } });
      expect(await registry.forgetPushes(id, { generation: 2, executions: [EXECUTION] })).toBe(false);
      expect(await registry.forgetPushes(id, { generation: 5, rekey: true, executions: [EXECUTION] })).toBe(true);
      const left = { [OTHER_EXECUTION]: push };
      expect(await registry.find(id)).toMatchObject({ pending: { pushes }, rekey: { pushes: left } });
      expect(await registry.find(id)).not.toHaveProperty(["rekey", "pushes", EXECUTION]);
    });

    test("lets no successor be derived beside it", async () => {
      const record = await added({ rekey });
      expect(await registry.setPending(record.id, derived)).toBe(false);
      expect(await registry.find(record.id)).toEqual(record);
    });

    test("goes on standing when a pending key is promoted, and is due as it was", async () => {
      const record = await added({ pending, rekey: standing, dueAt: standing.openedAt });
      expect(await registry.promote(record.id, promotion)).toEqual({ pushes: {}, auditDue: [promotion.line] });
      expect(await registry.find(record.id)).toMatchObject({
        ...{ rekey: standing, dueAt: standing.openedAt, agentPublic: record.agentPublic },
        current: { generation: 2, ciphertext: pending.ciphertext },
      });
      expect(await registry.find(record.id)).not.toHaveProperty("rekeyedAt");
    });

    test("becomes the current key with its public keys, and the pending one is gone", async () => {
      const pendingPushes = { [OTHER_EXECUTION]: { ...push, taskToken: "of the pending" } };
      const gone = { failingSince: NOW, failedIn: EXECUTION, waitingSince: NOW, absentSince: NOW, absentLooks: 2 };
      const { pushes } = standing;
      const live = newRecord();
      const record = { ...live, ...gone, pending: { ...pending, pushes: pendingPushes }, rekey: standing };
      expect(await registry.add(record)).toBe(true);
      const auditDue = [rekeyPromotion.line];
      expect(await registry.promoteRekey(record.id, rekeyPromotion)).toEqual({
        ...{ pushes: { ...pendingPushes, ...pushes }, auditDue },
      });
      const { agentPublic, serverPublic, ciphertext } = agreed;
      expect(await registry.find(record.id)).toEqual({
        ...live,
        ...{ agentPublic, serverPublic, rekeyedAt: NOW + 7, dueAt: NOW + 99, auditDue },
        current: { generation: 5, nonce: NONCE, ciphertext, since: NOW + 7, execution: EXECUTION, pushes },
      });
      expect(await registry.promoteRekey(record.id, rekeyPromotion)).toBeUndefined();
    });

    test("is not promoted before its key was agreed, by another receipt or generation, or in quarantine", async () => {
      const tried: [Partial<InstanceRecord>, object][] = [
        [{ rekey }, {}],
        [{ rekey: standing }, { receiptDigest: hex64Of("other") }],
        [{ rekey: standing }, { generation: 4 }],
        [{ rekey: standing, status: "QUARANTINED" }, {}],
        [{ pending: { ...pending, generation: 5, receiptDigest: agreed.receiptDigest } }, {}],
      ];
      for (const [changes, change] of tried) {
        const record = await added(changes);
        expect(await registry.promoteRekey(record.id, { ...rekeyPromotion, ...change })).toBeUndefined();
        expect(await registry.find(record.id)).toEqual(record);
      }
      const { id } = await added({ rekey: standing });
      expect(await registry.promote(id, rekeyPromotion)).toBeUndefined();
    });
  });

  describe("a record that is behind", () => {
    test("is brought to a later key, and what was pending is gone", async () => {
      const record = await added({ pending });
      expect(await registry.bringForward(record.id, brought)).toBe(true);
      const { pending: _, ...rest } = record;
      expect(await registry.find(record.id)).toEqual({
        ...{ ...rest, auditDue: [brought.line] },
        current: { ...brought.key, since: brought.at },
      });
      expect(await registry.bringForward(record.id, brought)).toBe(false);
    });

    test.each<[string, Partial<InstanceRecord>, object]>([
      ["from another generation than its own", {}, { from: 2 }],
      ["to its own generation", {}, { key: { ...brought.key, generation: 1 } }],
      ["back", { current: { ...newRecord().current, generation: 5 } }, { from: 5 }],
      ["while a rekey stands", { rekey }, {}],
      ["in quarantine", { status: "QUARANTINED" }, {}],
    ])("is not brought %s", async (_where, changes, change) => {
      const record = await added(changes);
      expect(await registry.bringForward(record.id, { ...brought, ...change })).toBe(false);
      expect(await registry.find(record.id)).toEqual(record);
    });
  });

  describe("quarantine", () => {
    test("whoever is put there comes out as what it was, each once", async () => {
      const [shutting, opening] = [lineOf("quarantined"), lineOf("released")];
      for (const status of ["ACTIVE", "STOPPED", "NEW"] as const) {
        const record = await added({ status, pending });
        const { id } = record;
        expect(await registry.release(id, { line: opening })).toBe(false);
        expect(await registry.quarantine(id, { line: shutting })).toBe(true);
        const shut = { ...record, status: "QUARANTINED", statusBefore: status, auditDue: [shutting] };
        expect(await registry.find(id)).toEqual(shut);
        expect(await registry.quarantine(id, { line: shutting })).toBe(false);
        expect(await registry.find(id)).toEqual(shut);
        expect(await registry.release(id, { line: opening })).toBe(true);
        const open = { ...record, auditDue: [shutting, opening] };
        expect(await registry.find(id)).toEqual(open);
        expect(await registry.release(id, { line: opening })).toBe(false);
        expect(await registry.find(id)).toEqual(open);
      }
    });

    test("who was put there before that was noted is active again", async () => {
      const record = await added({ status: "QUARANTINED" });
      expect(await registry.release(record.id, { line: LINE })).toBe(true);
      expect(await registry.find(record.id)).toEqual({ ...record, status: "ACTIVE", auditDue: [LINE] });
    });

    test("nobody who is not there is put there or let out", async () => {
      const { id } = newRecord();
      expect(await registry.quarantine(id, { line: LINE })).toBe(false);
      expect(await registry.release(id, { line: LINE })).toBe(false);
      expect(await registry.find(id)).toBeUndefined();
    });
  });

  describe("the audit", () => {
    /** By their names: the writes of acts, each with a record that it may be done to. */
    const ACTS: Record<string, [Partial<InstanceRecord>, (record: InstanceRecord, line: DueLine) => Promise<unknown>]> =
      {
        openRekey: [{}, ({ id }, line) => registry.openRekey(id, { rekey, line })],
        "openRekey, in the place of one": [
          { rekey: { ...rekey, generation: 4, agreed } },
          ({ id }, line) => registry.openRekey(id, { rekey, replaces: 4, line }),
        ],
        promoteRekey: [
          { rekey: { ...rekey, agreed } },
          ({ id }, line) => registry.promoteRekey(id, { ...rekeyPromotion, line }),
        ],
        bringForward: [{}, ({ id }, line) => registry.bringForward(id, { ...brought, line })],
        promote: [{ pending }, ({ id }, line) => registry.promote(id, { ...promotion, line })],
        noteFailed: [{}, ({ id }, line) => registry.noteFailed(id, { ...failure, line })],
        quarantine: [{}, ({ id }, line) => registry.quarantine(id, { line })],
        release: [{ status: "QUARANTINED", statusBefore: "NEW" }, ({ id }, line) => registry.release(id, { line })],
        "release, as active": [{ status: "QUARANTINED" }, ({ id }, line) => registry.release(id, { line })],
        retire: [{}, ({ id, ec2InstanceId }, line) => registry.retire(id, { ec2InstanceId, at: NOW, line })],
      };
    const dueOf = async (id: string) => (await registry.find(id))?.auditDue;

    test.each(Object.entries(ACTS))("the line of %s is due after those that are, and where none is", async (_, act) => {
      const [changes, write] = act;
      const before = [lineOf("one"), lineOf("two")];
      for (const audited of [{}, { auditDue: [] }, { auditDue: before }, { auditHead: head(3), auditDue: before }]) {
        const record = await added({ ...changes, ...audited });
        expect(await write(record, lineOf("three"))).toBeTruthy();
        const { auditDue = [], auditHead } = (await registry.find(record.id)) ?? {};
        expect(auditDue).toEqual([...(audited.auditDue ?? []), lineOf("three")]);
        expect(auditHead).toEqual("auditHead" in audited ? audited.auditHead : undefined);
      }
    });

    test.each(Object.entries(ACTS))("nothing is due of %s that does not take place", async (_, act) => {
      const [changes, write] = act;
      const record = await added(changes);
      await write(record, LINE);
      const after = await registry.find(record.id);
      expect(await write(record, lineOf("again"))).toBeFalsy();
      expect(await registry.find(record.id)).toEqual(after);
    });

    test("of acts at once, each line is due", async () => {
      const { id } = await added({ pending });
      await Promise.all([
        registry.noteFailed(id, failure),
        registry.promote(id, promotion),
        registry.noteFailed(id, { ...failure, generation: 2, execution: OTHER_EXECUTION, line: lineOf("other") }),
      ]);
      const acts = (await dueOf(id))?.map(({ act }) => act) ?? [];
      expect(acts).toContain("promoted");
      expect(new Set(acts).size).toBe(acts.length);
    });

    test("a promotion gives what is due with it, and what is known", async () => {
      const known = { auditHead: head(3), auditDue: [lineOf("failed")] };
      const { id } = await added({ pending, ...known });
      const auditDue = [lineOf("failed"), promotion.line];
      expect(await registry.promote(id, promotion)).toEqual({ pushes: {}, auditHead: head(3), auditDue });
      expect(await registry.find(id)).toMatchObject({ auditHead: head(3), auditDue });
    });

    test("lines that are put are due no longer, and the last of them is known", async () => {
      const [one, two, three] = [lineOf("one"), lineOf("two"), lineOf("three")];
      const record = await added({ auditDue: [one, two, three] });
      const { id } = record;
      expect(await registry.noteAudited(id, { known: undefined, head: head(2), put: 2 })).toBe(true);
      expect(await registry.find(id)).toEqual({ ...record, auditHead: head(2), auditDue: [three] });
      expect(await registry.noteAudited(id, { known: head(2), head: head(3), put: 1 })).toBe(true);
      expect(await registry.find(id)).toEqual({ ...record, auditHead: head(3), auditDue: [] });
      // Lines that lie above the known one, though none was due.
      expect(await registry.noteAudited(id, { known: head(3), head: head(5), put: 0 })).toBe(true);
      expect(await registry.find(id)).toEqual({ ...record, auditHead: head(5), auditDue: [] });
    });

    test("what was noted by another since it was read stays, and is noted by nobody else", async () => {
      const { id } = await added({ auditDue: [lineOf("one")] });
      // A and B have read the one; before they note it, another act comes, which B has read as well.
      await registry.quarantine(id, { line: lineOf("two") });
      expect(await registry.noteAudited(id, { known: undefined, head: head(1), put: 1 })).toBe(true);
      const noted = await registry.find(id);
      expect(await registry.noteAudited(id, { known: undefined, head: head(2), put: 2 })).toBe(false);
      expect(await registry.noteAudited(id, { known: head(2), head: head(3), put: 1 })).toBe(false);
      expect(await registry.find(id)).toEqual(noted);
      expect(noted).toMatchObject({ auditHead: head(1), auditDue: [lineOf("two")] });
    });

    test("of those who note at once, one does", async () => {
      const { id } = await added({ auditHead: head(3), auditDue: [lineOf("one"), lineOf("two")] });
      const note = () => registry.noteAudited(id, { known: head(3), head: head(4), put: 1 });
      expect((await Promise.all([note(), note(), note()])).filter(Boolean)).toHaveLength(1);
      expect(await registry.find(id)).toMatchObject({ auditHead: head(4), auditDue: [lineOf("two")] });
    });

    test("a tombstone's line is put and noted, too, and nothing else of it is touched", async () => {
      const { id, ec2InstanceId } = await retired();
      const tombstone = { id, ec2InstanceId, status: "RETIRED", retiredAt: NOW + 1 };
      expect(await registry.find(id)).toEqual({ ...tombstone, auditDue: [LINE] });
      expect(await registry.noteAudited(id, { known: undefined, head: head(1), put: 1 })).toBe(true);
      expect(await registry.find(id)).toEqual({ ...tombstone, auditHead: head(1), auditDue: [] });
      expect(await registry.noteAudited(id, { known: undefined, head: head(2), put: 0 })).toBe(false);
    });

    test("nothing is noted about whom there is no record of", async () => {
      const { id } = newRecord();
      for (const known of [undefined, head(1)]) {
        expect(await registry.noteAudited(id, { known, head: head(2), put: 1 })).toBe(false);
      }
      expect(await registry.find(id)).toBeUndefined();
    });
  });

  test("all records and tombstones are listed over the pages, each once and whole, and nothing else", async () => {
    const records: StoredRecord[] = [
      ...[await added(), await added({ pending, verdict: "MATCH", judgedAt: NOW }), await added({ status: "NEW" })],
      ...[await added({ status: "STOPPED" }), await added({ status: "QUARANTINED" })],
    ];
    for (const { ec2InstanceId, id } of records) {
      await registry.writeOwner(ec2InstanceId, { holder: id, cameAt: [] }, undefined);
    }
    const { id: gone } = await retired();
    records.push((await registry.find(gone)) as StoredRecord);
    const list = async () => {
      const all: StoredRecord[] = [];
      let after: string | undefined;
      do {
        const page = await registry.listPage({ limit: 2, after });
        all.push(...page.records);
        after = page.next;
      } while (after !== undefined);
      return all;
    };
    const areListed = (all: StoredRecord[]) =>
      records.every(({ id, status }) => all.some((one) => one.id === id && one.status === status));
    const all = await eventually(list, areListed);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const record of records) expect(all.find(({ id }) => id === record.id)).toEqual(record);
    for (const one of all) expect(one.id).toMatch(/^[0-9a-f]{6}$/);
  });

  describe("stopping, starting and due instances", () => {
    test("an active host stops, a stopped one starts, each by its owner only", async () => {
      const record = await added();
      const { id, ec2InstanceId } = record;
      expect(await registry.start(id, { ec2InstanceId, at: NOW })).toBe(false);
      expect(await registry.stop(id, { ec2InstanceId: "i-00000000" })).toBe(false);
      expect(await registry.stop(id, { ec2InstanceId })).toBe(true);
      expect(await registry.stop(id, { ec2InstanceId })).toBe(false);
      expect(await registry.find(id)).toEqual({ ...record, status: "STOPPED" });
      expect(await registry.start(id, { ec2InstanceId: "i-00000000", at: NOW })).toBe(false);
      expect(await registry.start(id, { ec2InstanceId, at: NOW + 6 })).toBe(true);
      expect(await registry.find(id)).toEqual({ ...record, startedAt: NOW + 6 });
    });

    test("how long EC2 has not known a host is counted, until it knows it or it registers", async () => {
      const record = await added();
      const { id, ec2InstanceId } = record;
      expect(await registry.noteAbsent(id, { ec2InstanceId: "i-00000000", at: NOW })).toBeUndefined();
      expect(await registry.noteAbsent(id, { ec2InstanceId, at: NOW })).toEqual({ since: NOW, looks: 1 });
      expect(await registry.noteAbsent(id, { ec2InstanceId, at: NOW + 5 })).toEqual({ since: NOW, looks: 2 });
      expect(await registry.find(id)).toEqual({ ...record, absentSince: NOW, absentLooks: 2 });
      expect(await registry.notePresent(id, { ec2InstanceId: "i-00000000" })).toBe(false);
      expect(await registry.notePresent(id, { ec2InstanceId })).toBe(true);
      expect(await registry.find(id)).toEqual(record);
      await registry.noteAbsent(id, { ec2InstanceId, at: NOW });
      await registry.updateIp(id, { ec2InstanceId, ip: record.ip, at: record.startedAt });
      for (const over of ["absentSince", "absentLooks"]) expect(await registry.find(id)).not.toHaveProperty(over);
    });

    test("whatever speaks for a host ends its absence, and who is absent no more is not retired for it", async () => {
      const ends: [Partial<InstanceRecord>, (id: string, ec2InstanceId: string) => Promise<boolean>][] = [
        [{}, (id) => registry.setPending(id, derived)],
        [{ status: "STOPPED" }, (id, ec2InstanceId) => registry.start(id, { ec2InstanceId, at: NOW })],
        [{ pending }, async (id) => (await registry.promote(id, promotion)) !== undefined],
      ];
      for (const [changes, speak] of ends) {
        const { id, ec2InstanceId } = await added(changes);
        await registry.noteAbsent(id, { ec2InstanceId, at: NOW });
        expect(await speak(id, ec2InstanceId)).toBe(true);
        expect(await registry.find(id)).not.toHaveProperty("absentSince");
        expect(await registry.find(id)).not.toHaveProperty("absentLooks");
        expect(await registry.retire(id, { ec2InstanceId, at: NOW, absentSince: NOW, line: LINE })).toBe(false);
      }
      const { id, ec2InstanceId } = await added();
      await registry.noteAbsent(id, { ec2InstanceId, at: NOW });
      expect(await registry.retire(id, { ec2InstanceId, at: NOW, absentSince: NOW - 1, line: LINE })).toBe(false);
      expect(await registry.retire(id, { ec2InstanceId, at: NOW, absentSince: NOW, line: LINE })).toBe(true);
      expect(await registry.find(id)).toMatchObject({ id, ec2InstanceId, status: "RETIRED", retiredAt: NOW });
    });

    test("a host in quarantine neither stops nor starts", async () => {
      const { id, ec2InstanceId } = await added({ status: "QUARANTINED" });
      expect(await registry.stop(id, { ec2InstanceId })).toBe(false);
      expect(await registry.start(id, { ec2InstanceId, at: NOW })).toBe(false);
    });

    test("who is due is listed, the active ones and then the new ones, the longest due first, page by page", async () => {
      // Long before any other record is due, so that a shared table does not matter.
      const [third, first, second] = [
        await added({ dueAt: 30 }),
        await added({ dueAt: 10 }),
        await added({ dueAt: 20 }),
      ];
      const [later, stopped] = [await added({ dueAt: 41 }), await added({ dueAt: 15, status: "STOPPED" })];
      const [newer, older] = [await added({ dueAt: 12, status: "NEW" }), await added({ dueAt: 5, status: "NEW" })];
      const notYet = await added({ dueAt: 41, status: "NEW" });
      const list = async () => {
        const due: Due[] = [];
        let after: string | undefined;
        do {
          const page = await registry.listDue({ at: 40, limit: 2, after });
          expect(page.due.length).toBeLessThanOrEqual(2);
          due.push(...page.due);
          after = page.next;
        } while (after !== undefined);
        return due;
      };
      const due = await eventually(list, (found) => found.length === 5);
      expect(due).toEqual([
        ...[first, second, third].map(({ id, dueAt }) => ({ id, dueAt, status: "ACTIVE" })),
        ...[older, newer].map(({ id, dueAt }) => ({ id, dueAt, status: "NEW" })),
      ]);
      for (const { id, ec2InstanceId } of [first, second, third, later, stopped, older, newer, notYet]) {
        await registry.retire(id, { ec2InstanceId, at: NOW, line: LINE });
      }
      expect(await eventually(list, (found) => found.length === 0)).toEqual([]);
    });
  });

  describe("retirement", () => {
    test("only a tombstone is left, whatever the record held, and the ID is never used again", async () => {
      const full = await added({
        ...{ pending: { ...pending, pushes: { [EXECUTION]: push } }, status: "QUARANTINED", statusBefore: "NEW" },
        ...{ verdict: "MISMATCH", judgedAt: NOW, failingSince: NOW, failedIn: EXECUTION, waitingSince: NOW },
        ...{ rekey: { ...rekey, agreed, pushes: { [EXECUTION]: push } }, rekeyedAt: NOW },
        ...{ lastProofAt: NOW, absentSince: NOW, absentLooks: 2, auditHead: head(8), auditDue: [lineOf("failed")] },
        // Another version of the program may have written more.
        ...({ another: { ciphertext: "YW5vdGhlcg==" }, "a name.of#another": "kind" } as object),
      });
      const { id, ec2InstanceId } = full;
      expect(await registry.retire(id, { ec2InstanceId, at: NOW + 1, line: LINE })).toBe(true);
      const tombstone = {
        ...{ id, ec2InstanceId, status: "RETIRED", retiredAt: NOW + 1 },
        ...{ auditHead: head(8), auditDue: [lineOf("failed"), LINE] },
      };
      expect(await registry.find(id)).toEqual(tombstone);
      expect(await registry.add({ ...newRecord(), id })).toBe(false);
      expect(await registry.find(id)).toEqual(tombstone);
    });

    test("only the host's own record is retired, and once", async () => {
      const record = await added();
      expect(await registry.retire(record.id, { ec2InstanceId: "i-00000000", at: NOW, line: LINE })).toBe(false);
      expect(await registry.find(record.id)).toEqual(record);
      const gone = await retired();
      expect(await registry.retire(gone.id, { ec2InstanceId: gone.ec2InstanceId, at: NOW + 2, line: LINE })).toBe(
        false,
      );
      expect(await registry.retire("......", { ec2InstanceId: gone.ec2InstanceId, at: NOW, line: LINE })).toBe(false);
    });

    test("no write touches a tombstone", async () => {
      const { id, ec2InstanceId } = await retired();
      const before = await registry.find(id);
      const writes = [
        registry.updateIp(id, { ec2InstanceId, ip: "::1", at: NOW }),
        registry.setPending(id, derived),
        registry.setPush(id, { generation: 2, execution: EXECUTION, push }),
        registry.forgetPushes(id, { generation: 2, executions: [EXECUTION] }),
        registry.promote(id, promotion),
        registry.setPush(id, { generation: 5, rekey: true, execution: EXECUTION, push }),
        registry.forgetPushes(id, { generation: 5, rekey: true, executions: [EXECUTION] }),
        registry.openRekey(id, { rekey, line: LINE }),
        registry.openRekey(id, { rekey, replaces: 4, line: LINE }),
        registry.agreeRekey(id, { ec2InstanceId, generation: 5, nonce: NONCE, agreed }),
        registry.promoteRekey(id, rekeyPromotion),
        registry.bringForward(id, brought),
        registry.noteWaiting(id, { generation: 1, at: NOW, dueAt: NOW }),
        registry.noteFailed(id, failure),
        registry.noteJudged(id, { generation: 1, verdict: "MATCH", at: NOW }),
        registry.quarantine(id, { line: LINE }),
        registry.release(id, { line: LINE }),
        registry.activate(id, { ec2InstanceId }),
        registry.stop(id, { ec2InstanceId }),
        registry.start(id, { ec2InstanceId, at: NOW }),
        registry.retire(id, { ec2InstanceId, at: NOW + 5, line: LINE }),
        registry.noteAbsent(id, { ec2InstanceId, at: NOW }),
        registry.notePresent(id, { ec2InstanceId }),
      ];
      for (const write of writes) expect(await write).toBeFalsy();
      expect(await registry.find(id)).toEqual(before);
    });
  });
}
