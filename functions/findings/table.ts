import type { Finding } from "./finding.ts";

// How findings lie in their DynamoDB table: what the deployment makes, and what the findings' client asks.

export const FINDINGS_TABLE = {
  partitionKey: { name: "subject", type: "S" },
  sortKey: { name: "cause", type: "S" },
  /** What is no longer needed goes by itself. */
  expiry: "expiresAt",
} as const;

/** The index of those of which there is still something to tell; it holds all of them, as they are few and read together. */
export const OPEN_INDEX = {
  name: "byOpen",
  partitionKey: { name: "open", type: "S" },
  sortKey: { name: "since", type: "N" },
} as const;

/** Whether it stands, or its end is not told yet. What never stood has no end to tell. */
export function isOpen({ endedAt, endToldAt }: Pick<Finding, "endedAt" | "endToldAt">): boolean {
  return endedAt === undefined || endToldAt === undefined;
}

/** How long one of which all is told stays, for whoever asks what there was. */
export const FINDINGS_KEPT_DAYS = 90;
