import type { DueLine } from "../record/audit.ts";
import type { Audited, InstanceRecord, PendingKey, Rekey, StoredRecord } from "../record/record.ts";
import type { KeyWrites } from "./key-writes.ts";
import type { Aim, Aimed, Promoted, Promotion } from "./registry.ts";

/** Alters a live record if `holds`, as one conditional write does. */
type Update = (
  id: string,
  holds: (record: InstanceRecord) => boolean,
  alter: (record: InstanceRecord) => void,
) => Promise<boolean>;

/** The writes of keys in memory: the fake registry's. */
export function keyWritesInMemory(update: Update): KeyWrites {
  /** Makes a key the current one if it is there, as one conditional write does. */
  async function promoteTo(
    id: string,
    { generation, receiptDigest, execution, at, dueAt, line }: Promotion,
    aimOf: (
      record: InstanceRecord,
    ) => { generation: number; nonce: string; ciphertext: string; receiptDigest: string } | undefined,
    alter: (record: InstanceRecord) => { kept: Promoted["pushes"]; waiting: Promoted["pushes"] },
  ): Promise<Promoted | undefined> {
    let promoted: Promoted | undefined;
    await update(
      id,
      (record) => {
        const aim = aimOf(record);
        return record.status !== "QUARANTINED" && aim?.generation === generation && aim.receiptDigest === receiptDigest;
      },
      (record) => {
        const { nonce, ciphertext } = aimOf(record) ?? record.current;
        const { kept, waiting } = structuredClone(alter(record));
        record.current = { generation, nonce, ciphertext, since: at, execution, pushes: kept };
        // A rekey that stands beside it is due as it was.
        record.dueAt = record.rekey?.openedAt ?? dueAt;
        delete record.pending;
        delete record.waitingSince;
        delete record.failingSince;
        delete record.failedIn;
        endAbsence(record);
        promoted = { pushes: waiting, ...auditedOf(noteDue(record, line)) };
      },
    );
    return promoted;
  }

  return {
    setPending: (id, { pending, verdict, lastProofAt }) =>
      update(
        id,
        (record) =>
          record.status !== "QUARANTINED" &&
          record.pending === undefined &&
          record.rekey === undefined &&
          record.current.generation === pending.generation - 1,
        (record) => {
          Object.assign(record, { pending: structuredClone(pending), verdict, judgedAt: lastProofAt, lastProofAt });
          delete record.current.pushes;
          delete record.waitingSince;
          endAbsence(record);
        },
      ),

    async setPush(id, { execution, push, ...aim }) {
      let after: Aimed | undefined;
      await update(
        id,
        (record) => {
          const aimed = aimedAt(record, aim);
          return (
            record.status !== "QUARANTINED" &&
            aimed !== undefined &&
            (aimed.pushes[execution]?.sentAt ?? 0) <= push.sentAt
          );
        },
        (record) => {
          const aimed = aimedAt(record, aim);
          if (aimed) aimed.pushes[execution] = push;
          after = structuredClone(aimed);
        },
      );
      return after;
    },

    forgetPushes: (id, { executions, ...aim }) =>
      update(
        id,
        (record) => record.status !== "QUARANTINED" && aimedAt(record, aim) !== undefined,
        (record) => {
          for (const execution of executions) delete aimedAt(record, aim)?.pushes[execution];
        },
      ),

    promote: (id, promotion) =>
      promoteTo(
        id,
        promotion,
        ({ pending }) => pending,
        ({ pending }) => ({ kept: pending?.pushes ?? {}, waiting: pending?.pushes ?? {} }),
      ),

    promoteRekey: (id, promotion) =>
      promoteTo(
        id,
        promotion,
        ({ rekey }) => rekey?.agreed && { ...rekey, ...rekey.agreed },
        (record) => {
          const { agreed, pushes = {} } = record.rekey ?? {};
          const waiting = { ...record.pending?.pushes, ...pushes };
          if (agreed) {
            const { agentPublic, serverPublic } = agreed;
            Object.assign(record, { agentPublic, serverPublic, rekeyedAt: promotion.at });
          }
          delete record.rekey;
          return { kept: pushes, waiting };
        },
      ),

    openRekey: (id, { rekey, replaces, line }) =>
      update(
        id,
        ({ status, current, pending, rekey: standing }) =>
          status !== "QUARANTINED" &&
          status !== "NEW" &&
          standing?.generation === replaces &&
          Math.max(current.generation, pending?.generation ?? 0) < rekey.generation,
        (record) => {
          const pushes = { ...(replaces === undefined ? rekey : record.rekey)?.pushes };
          return Object.assign(noteDue(record, line), {
            ...{ rekey: structuredClone({ ...rekey, pushes }), dueAt: rekey.openedAt },
          });
        },
      ),

    agreeRekey: (id, { ec2InstanceId, generation, nonce, agreed }) =>
      update(
        id,
        ({ status, rekey, ...record }) =>
          status !== "QUARANTINED" &&
          record.ec2InstanceId === ec2InstanceId &&
          rekey?.generation === generation &&
          rekey.nonce === nonce &&
          rekey.agreed === undefined,
        ({ rekey }) => {
          if (rekey) rekey.agreed = structuredClone(agreed);
        },
      ),

    bringForward: (id, { from, key, at, line }) =>
      update(
        id,
        ({ status, current, rekey }) =>
          status !== "QUARANTINED" && current.generation === from && key.generation > from && rekey === undefined,
        (record) => {
          record.current = { ...key, since: at };
          delete record.pending;
          noteDue(record, line);
        },
      ),
  };
}

/** The key that an instance is to turn to, where it is there; a pending one only while no rekey stands. */
function aimedAt({ pending, rekey }: InstanceRecord, aim: Aim): PendingKey | Rekey | undefined {
  const key = aim.rekey ? rekey : rekey === undefined ? pending : undefined;
  return key?.generation === aim.generation ? key : undefined;
}

/** Notes which line of the audit is due with the write of an act. */
export function noteDue<Some extends StoredRecord>(record: Some, line: DueLine): Some {
  record.auditDue = [...(record.auditDue ?? []), structuredClone(line)];
  return record;
}

/** What a record holds of the audit. */
export function auditedOf({ auditHead, auditDue }: Audited): Audited {
  return structuredClone({ ...(auditHead && { auditHead }), ...(auditDue && { auditDue }) });
}

/** Something speaks for a host that EC2 did not know. */
export function endAbsence(record: InstanceRecord): void {
  delete record.absentSince;
  delete record.absentLooks;
}
