import type { Owner } from "../record/owner.ts";
import { type InstanceRecord, isRetired, type StoredRecord, type Tombstone } from "../record/record.ts";
import { auditedOf, endAbsence, keyWritesInMemory, noteDue } from "./key-writes-in-memory.ts";
import type { Due, Registry } from "./registry.ts";

/** A registry in memory that behaves like the one in DynamoDB; `records` and `owners` may be looked at and altered by a test. */
export function fakeRegistry(records = new Map<string, StoredRecord>()): Registry & {
  records: Map<string, StoredRecord>;
  owners: Map<string, Owner>;
} {
  const owners = new Map<string, Owner>();

  /** Alters a live record if `holds`, as one conditional write does. */
  function update(id: string, holds: (record: InstanceRecord) => boolean, alter: (record: InstanceRecord) => void) {
    const record = records.get(id);
    if (record === undefined || isRetired(record) || !holds(record)) return Promise.resolve(false);
    const copy = structuredClone(record);
    alter(copy);
    records.set(id, copy);
    return Promise.resolve(true);
  }

  function setOwner(ec2InstanceId: string, owner: Owner): Owner {
    const given = Object.entries(owner).filter(([, value]) => value !== undefined);
    owners.set(ec2InstanceId, Object.fromEntries(given) as unknown as Owner);
    return structuredClone(owners.get(ec2InstanceId) as Owner);
  }

  const live = () => [...records.values()].filter((record) => !isRetired(record)) as InstanceRecord[];

  return {
    records,
    owners,

    find: async (id) => structuredClone(records.get(id)),

    findByEc2Instance: async (ec2InstanceId) =>
      structuredClone(live().filter((record) => record.ec2InstanceId === ec2InstanceId)),

    findOwner: async (ec2InstanceId) => structuredClone(owners.get(ec2InstanceId)),

    async writeOwner(ec2InstanceId, owner, before) {
      if (owners.get(ec2InstanceId)?.version !== before?.version) return undefined;
      return setOwner(ec2InstanceId, { ...owner, version: (before?.version ?? 0) + 1 });
    },

    async noteEnded(ec2InstanceId, { at }) {
      const before = owners.get(ec2InstanceId) ?? { cameAt: [], version: 0 };
      return setOwner(ec2InstanceId, { endedAt: at, ...before, version: before.version + 1 });
    },

    ...keyWritesInMemory(update),

    async add(record) {
      if (records.has(record.id)) return false;
      records.set(record.id, structuredClone(record));
      return true;
    },

    activate: (id, { ec2InstanceId, dueAt }) =>
      update(
        id,
        (record) => record.ec2InstanceId === ec2InstanceId && record.status === "NEW",
        (record) => Object.assign(record, { status: "ACTIVE", dueAt: dueAt ?? record.dueAt }),
      ),

    updateIp: (id, { ec2InstanceId, ip, agentVersion, at }) =>
      update(
        id,
        (record) => record.ec2InstanceId === ec2InstanceId && record.status !== "QUARANTINED",
        (record) => {
          Object.assign(record, { ip, startedAt: at, status: record.status === "NEW" ? "NEW" : "ACTIVE" });
          if (agentVersion !== undefined) record.agentVersion = agentVersion;
          else delete record.agentVersion;
          endAbsence(record);
        },
      ),

    noteWaiting: (id, { generation, at, dueAt }) =>
      update(
        id,
        (record) => record.status !== "QUARANTINED" && record.current.generation === generation,
        (record) => Object.assign(record, { verdict: "WAITING", waitingSince: record.waitingSince ?? at, dueAt }),
      ),

    noteFailed: (id, { generation, execution, at, dueAt, verdict, line }) =>
      update(
        id,
        (record) =>
          record.status !== "QUARANTINED" && record.current.generation === generation && record.failedIn !== execution,
        (record) =>
          Object.assign(noteDue(record, line), {
            ...{ failingSince: record.failingSince ?? at, failedIn: execution, dueAt },
            ...(verdict && { verdict }),
          }),
      ),

    noteJudged: (id, { generation, verdict, at, lastProofAt, isSettled = false }) =>
      update(
        id,
        (record) => record.status !== "QUARANTINED" && record.current.generation === generation,
        (record) => {
          Object.assign(record, { verdict, judgedAt: at, ...(lastProofAt !== undefined && { lastProofAt }) });
          if (isSettled) delete record.current.pushes;
        },
      ),

    quarantine: (id, { line }) =>
      update(
        id,
        (record) => record.status !== "QUARANTINED",
        (record) => Object.assign(noteDue(record, line), { statusBefore: record.status, status: "QUARANTINED" }),
      ),

    release: (id, { line }) =>
      update(
        id,
        (record) => record.status === "QUARANTINED",
        (record) => {
          noteDue(record, line).status = record.statusBefore ?? "ACTIVE";
          delete record.statusBefore;
        },
      ),

    stop: (id, { ec2InstanceId }) =>
      update(
        id,
        (record) => record.status === "ACTIVE" && record.ec2InstanceId === ec2InstanceId,
        (record) => {
          record.status = "STOPPED";
          delete record.waitingSince;
        },
      ),

    start: (id, { ec2InstanceId, at }) =>
      update(
        id,
        (record) => record.status === "STOPPED" && record.ec2InstanceId === ec2InstanceId,
        (record) => {
          Object.assign(record, { status: "ACTIVE", startedAt: at });
          endAbsence(record);
        },
      ),

    async noteAbsent(id, { ec2InstanceId, at }) {
      let absent: { since: number; looks: number } | undefined;
      await update(
        id,
        (record) => record.status !== "QUARANTINED" && record.ec2InstanceId === ec2InstanceId,
        (record) => {
          record.absentSince ??= at;
          record.absentLooks = (record.absentLooks ?? 0) + 1;
          absent = { since: record.absentSince, looks: record.absentLooks };
        },
      );
      return absent;
    },

    notePresent: (id, { ec2InstanceId }) => update(id, (record) => record.ec2InstanceId === ec2InstanceId, endAbsence),

    async retire(id, { ec2InstanceId, at, absentSince, line }) {
      const record = records.get(id);
      if (record === undefined || isRetired(record) || record.ec2InstanceId !== ec2InstanceId) return false;
      if (absentSince !== undefined && record.absentSince !== absentSince) return false;
      const tombstone: Tombstone = { id, ec2InstanceId, status: "RETIRED", retiredAt: at, ...auditedOf(record) };
      records.set(id, noteDue(tombstone, line));
      return true;
    },

    async noteAudited(id, { known, head, put }) {
      const record = structuredClone(records.get(id));
      if (record === undefined || record.auditHead?.n !== known?.n) return false;
      records.set(id, Object.assign(record, { auditHead: head, auditDue: (record.auditDue ?? []).slice(put) }));
      return true;
    },

    async listPage({ limit, after }) {
      const last = after === undefined ? "" : JSON.parse(after).id;
      const rest = [...records.values()]
        .filter(({ id }) => id > last)
        .sort((one, other) => (one.id < other.id ? -1 : 1));
      const page = structuredClone(rest.slice(0, limit));
      const end = page.at(-1);
      return { records: page, ...(rest.length > limit && end && { next: JSON.stringify({ id: end.id }) }) };
    },

    async listDue({ at, limit, after }) {
      const all = (["ACTIVE", "NEW"] as const).flatMap((status) =>
        live()
          .filter((record) => record.status === status && record.dueAt <= at)
          .sort((one, other) => one.dueAt - other.dueAt || (one.id < other.id ? -1 : 1))
          .map(({ id, dueAt }): Due => ({ id, dueAt, status })),
      );
      const last: Due | undefined = after === undefined ? undefined : JSON.parse(after);
      const isAfter = (one: Due, other: Due) =>
        one.status === other.status
          ? one.dueAt > other.dueAt || (one.dueAt === other.dueAt && one.id > other.id)
          : one.status === "NEW";
      const rest = last === undefined ? all : all.filter((one) => isAfter(one, last));
      const due = rest.slice(0, limit);
      const end = due.at(-1);
      return end && rest.length > limit ? { due, next: JSON.stringify(end) } : { due };
    },
  };
}
