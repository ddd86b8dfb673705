// How audit lines and seals lie in their DynamoDB table: what the deployment makes, and what the audit's client asks.

/** The table's keys: `S` text, `N` number. */
export const AUDIT_KEYS = {
  partitionKey: { name: "subject", type: "S" },
  sortKey: { name: "n", type: "N" },
} as const;

/** Under this, beside whatever else their bucket holds, lie a deployment's seals in S3, one object for a day. */
export function sealsUnder(prefix: string, account: string): string {
  return `${prefix}-seals/${account}/`;
}

/**
 * The index by which a day's lines are found. It holds keys alone, which is all that a seal asks of it. Its attribute
 * is the UTC day of the put, and not of the act: a line may be put late, and must not come under a day that is sealed.
 *
 * All lines of a day are one partition of it, which takes 1,000 a second.
 */
export const AUDIT_INDEX = {
  name: "byDay",
  partitionKey: { name: "day", type: "S" },
  projection: "KEYS_ONLY",
} as const;
