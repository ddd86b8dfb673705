import type { Registry } from "../clients/registry.ts";
import { type InstanceRecord, isRetired } from "../record/record.ts";

/** Whether a record's keys, and since when they are to be proved, are as they were read: else the next look judges. */
export async function standsAsRead(
  { id, status, registeredAt, startedAt, current, pending, rekey }: InstanceRecord,
  registry: Registry,
): Promise<boolean> {
  const record = await registry.find(id);
  if (record === undefined || isRetired(record) || record.status !== status) return false;
  if (record.registeredAt !== registeredAt || record.startedAt !== startedAt) return false;
  if (record.rekey?.generation !== rekey?.generation) return false;
  if (record.rekey?.agreed?.receiptDigest !== rekey?.agreed?.receiptDigest) return false;
  return record.current.generation === current.generation && record.pending?.generation === pending?.generation;
}
