// How records lie in their DynamoDB table: what the deployment makes, and what the registry's client asks.

/**
 * Indexes of the instance table. They hold keys alone: whatever else an index copied would be written, and paid for, once
 * more with each update. Who needs more reads the record.
 */
export const INSTANCE_INDEXES = {
  byEc2Instance: { partitionKey: "ec2InstanceId" },
  byDue: { partitionKey: "status", sortKey: "dueAt" },
} as const;

export const INDEX_PROJECTION = "KEYS_ONLY";

export type InstanceIndex = keyof typeof INSTANCE_INDEXES;

/** Attributes that are keys of the table or of an index: `S` text, `N` number. */
export const KEY_ATTRIBUTES = {
  id: "S",
  ec2InstanceId: "S",
  status: "S",
  dueAt: "N",
} as const;
