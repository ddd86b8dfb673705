import { type InstanceRecord, isRetired, type StoredRecord } from "../record/record.ts";

/**
 * Whether a `new` call is the one that made this record, come again because its answer was lost. It gets the same
 * answer. Once the key was turned, the first answer did arrive.
 */
export function isSameRegistration(
  record: StoredRecord,
  ec2InstanceId: string,
  publicKey: string | undefined,
): record is InstanceRecord {
  return (
    !isRetired(record) &&
    record.ec2InstanceId === ec2InstanceId &&
    record.agentPublic === publicKey &&
    record.current.generation === 1
  );
}
