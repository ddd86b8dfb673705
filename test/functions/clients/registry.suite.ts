import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { Due, Registry } from "../../../functions/clients/registry.ts";
import type { InstanceRecord } from "../../../functions/record/record.ts";
import { EXECUTION, hex64Of, NOW } from "../support.ts";
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
const promotion = {
  ...{ generation: 2, receiptDigest: DIGEST, execution: EXECUTION, at: NOW + 7, dueAt: NOW + 99 },
  keepAlert: false,
};
const alert = { what: "STALE", since: NOW, execution: EXECUTION };

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
    expect(await registry.retire(record.id, { ec2InstanceId: record.ec2InstanceId, at: NOW + 1 })).toBe(true);
    return record;
  }

  describe("adding and finding", () => {
    test("a record is found as it was added", async () => {
      const record = await added({
        pending: { ...pending, pushes: { [EXECUTION]: push } },
        alert,
        verdict: "MATCH",
        lastProofAt: NOW,
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
      await registry.retire(gone.id, { ec2InstanceId: one.ec2InstanceId, at: NOW });
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
      expect(await registry.find(record.id)).toEqual({ ...record, pending, verdict, lastProofAt });
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

    test("the pending key becomes the current one, pushes and alert are gone, and the pushes are told", async () => {
      const pushes = { [EXECUTION]: push };
      const record = await added({ pending: { ...pending, pushes }, alert });
      expect(await registry.promote(record.id, { ...promotion, receiptDigest: hex64Of("other") })).toBeUndefined();
      expect(await registry.promote(record.id, { ...promotion, generation: 3 })).toBeUndefined();
      expect(await registry.find(record.id)).toEqual(record);
      expect(await registry.promote(record.id, promotion)).toEqual(pushes);
      const { pending: _pending, alert: _alert, ...rest } = record;
      const { generation, nonce, ciphertext } = pending;
      const current = { generation, nonce, ciphertext, since: NOW + 7, execution: EXECUTION, pushes };
      expect(await registry.find(record.id)).toEqual({ ...rest, current, dueAt: NOW + 99 });
      expect(await registry.promote(record.id, promotion)).toBeUndefined();
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
      expect(await registry.setAlert(id, { generation: 1, alert, dueAt: NOW })).toBe(false);
      expect(await registry.noteAbsent(id, { ec2InstanceId, at: NOW })).toBeUndefined();
      expect(await registry.find(id)).toEqual(midway);
    });

    test("a promotion keeps the alert where it is told to", async () => {
      const { id } = await added({ pending, alert });
      await registry.promote(id, { ...promotion, keepAlert: true });
      expect(await registry.find(id)).toMatchObject({ alert, current: { generation: 2 } });
    });
  });

  describe("verdicts and alerts", () => {
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

    test("an alert of a generation that is no longer current is not noted", async () => {
      const { id } = await added();
      expect(await registry.setAlert(id, { generation: 2, alert, dueAt: NOW + 3 })).toBe(false);
      expect(await registry.find(id)).not.toHaveProperty("alert");
    });

    test("an alert is noted, listed until the promotion, and noted as mailed while it stands", async () => {
      const { id } = await added({ pending });
      const list = async () => (await registry.listAlerted()).map((record) => record.id);
      expect(await registry.setAlert(id, { generation: 1, alert, dueAt: NOW + 3 })).toBe(true);
      expect(await registry.find(id)).toMatchObject({ alert, dueAt: NOW + 3 });
      expect(await eventually(list, (ids) => ids.includes(id))).toContain(id);

      expect(await registry.noteAlertMailed(id, { since: NOW + 1, at: NOW + 4 })).toBe(false);
      expect(await registry.noteAlertMailed(id, { since: NOW, at: NOW + 4 })).toBe(true);
      expect(await registry.find(id)).toMatchObject({ alert: { ...alert, mailedAt: NOW + 4 } });

      await registry.promote(id, promotion);
      expect(await eventually(list, (ids) => !ids.includes(id))).not.toContain(id);
      expect(await registry.noteAlertMailed(id, { since: NOW, at: NOW + 4 })).toBe(false);
    });
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
        expect(await registry.retire(id, { ec2InstanceId, at: NOW, absentSince: NOW })).toBe(false);
      }
      const { id, ec2InstanceId } = await added();
      await registry.noteAbsent(id, { ec2InstanceId, at: NOW });
      expect(await registry.retire(id, { ec2InstanceId, at: NOW, absentSince: NOW - 1 })).toBe(false);
      expect(await registry.retire(id, { ec2InstanceId, at: NOW, absentSince: NOW })).toBe(true);
      expect(await registry.find(id)).toEqual({ id, ec2InstanceId, status: "RETIRED", retiredAt: NOW });
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
        await registry.retire(id, { ec2InstanceId, at: NOW });
      }
      expect(await eventually(list, (found) => found.length === 0)).toEqual([]);
    });
  });

  describe("retirement", () => {
    test("only a tombstone is left, and the ID is never used again", async () => {
      const { id, ec2InstanceId } = await retired();
      const tombstone = { id, ec2InstanceId, status: "RETIRED", retiredAt: NOW + 1 };
      expect(await registry.find(id)).toEqual(tombstone);
      expect(await registry.add({ ...newRecord(), id })).toBe(false);
      expect(await registry.find(id)).toEqual(tombstone);
    });

    test("only the host's own record is retired, and once", async () => {
      const record = await added();
      expect(await registry.retire(record.id, { ec2InstanceId: "i-00000000", at: NOW })).toBe(false);
      expect(await registry.find(record.id)).toEqual(record);
      const gone = await retired();
      expect(await registry.retire(gone.id, { ec2InstanceId: gone.ec2InstanceId, at: NOW + 2 })).toBe(false);
      expect(await registry.retire("......", { ec2InstanceId: gone.ec2InstanceId, at: NOW })).toBe(false);
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
        registry.noteWaiting(id, { generation: 1, at: NOW, dueAt: NOW }),
        registry.setAlert(id, { generation: 1, alert, dueAt: NOW }),
        registry.noteAlertMailed(id, { since: NOW, at: NOW }),
        registry.activate(id, { ec2InstanceId }),
        registry.stop(id, { ec2InstanceId }),
        registry.start(id, { ec2InstanceId, at: NOW }),
      ];
      for (const write of writes) expect(await write).toBeFalsy();
      expect(await registry.find(id)).toEqual(before);
    });
  });

  test("a caller's refusals and failures are counted apart, and when people were mailed is told", async () => {
    const { ec2InstanceId, id } = newRecord();
    const refusal = { kind: "refused" as const, ec2InstanceId, id, reason: "NOT_OWNER", at: NOW };
    expect(await registry.countNotRegistered(refusal)).toBeUndefined();
    expect(await registry.countNotRegistered(refusal)).toBeUndefined();
    await registry.noteNotRegisteredMailed({ kind: "refused", ec2InstanceId, at: NOW + 1 });
    expect(await registry.countNotRegistered({ ...refusal, at: NOW + 2 })).toBe(NOW + 1);
    expect(await registry.countNotRegistered({ ...refusal, kind: "failed" })).toBeUndefined();
    const { ec2InstanceId: another } = newRecord();
    expect(await registry.countNotRegistered({ ...refusal, ec2InstanceId: another })).toBeUndefined();
    expect(await registry.findByEc2Instance(ec2InstanceId)).toEqual([]);
    expect(await registry.find(id)).toBeUndefined();
  });
}
