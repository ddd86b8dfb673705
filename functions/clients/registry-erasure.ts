import { type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { InstanceRecord, Tombstone } from "../record/record.ts";

/** All that a live record has and a tombstone has not: the key material first of all. */
const LIVE: Record<Exclude<keyof InstanceRecord, keyof Tombstone>, true> = {
  ...{ current: true, pending: true, rekey: true, rekeyedAt: true, agentPublic: true, serverPublic: true, ip: true },
  ...{ registeredAt: true, startedAt: true, dueAt: true, verdict: true, judgedAt: true, failingSince: true },
  ...{ failedIn: true, statusBefore: true, waitingSince: true, lastProofAt: true },
  ...{ absentSince: true, absentLooks: true, agentVersion: true },
};

const LEFT: Record<keyof Tombstone, true> = {
  ...{ id: true, ec2InstanceId: true, status: true, retiredAt: true, auditHead: true, auditDue: true },
};

/** What the write that retires a record removes, for its `REMOVE`. */
export const ERASED = Object.keys(LIVE)
  .map((name) => `#${name}`)
  .join(", ");

/**
 * Removes from a tombstone what this version of the program does not know, whatever it is called: another version has
 * written it, or somebody else. One call, where there is anything.
 *
 * @param tombstone as it lies in the table since it was retired
 */
export async function eraseUnknown(
  documents: DynamoDBDocumentClient,
  table: string,
  tombstone: { id: string },
): Promise<void> {
  const unknown = Object.keys(tombstone).filter((name) => !Object.hasOwn(LEFT, name));
  if (unknown.length === 0) return;
  const names = Object.fromEntries(unknown.map((name, n) => [`#unknown${n}`, name]));
  await documents.send(
    new UpdateCommand({
      TableName: table,
      Key: { id: tombstone.id },
      UpdateExpression: `REMOVE ${Object.keys(names).join(", ")}`,
      ConditionExpression: "attribute_exists(id)",
      ExpressionAttributeNames: names,
    }),
  );
}
