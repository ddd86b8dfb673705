import { isCount, isHex64, isInstanceId, isNonce } from "./check.ts";
import { isOfRekey, type Ticket } from "./messages.ts";

/**
 * How a ticket lies in DynamoDB: under the ARN of the instance that it is for, so that AWS can hold each instance to its
 * own, and its ID; beside these the fields of the ticket.
 */
export const TICKETS = {
  partitionKey: { name: "instanceArn", type: "S" },
  sortKey: { name: "id", type: "S" },
  /** By which DynamoDB deletes an item, in seconds since 1970. */
  expiry: "expiresAt",
} as const;

/** How long a ticket lies: an instance that was off for long still finds it. The next push writes it anew. */
export const TICKETS_KEPT_DAYS = 30;

/** Reads a ticket from where it lies, since anybody may have written there; undefined for what has not its form. */
export function readTicket(stored: { [field in keyof Ticket]?: unknown }): Ticket | undefined {
  const { id, generation, nonce, proof } = stored;
  if (!isInstanceId(id) || !isCount(generation) || !isNonce(nonce) || typeof proof !== "string") return undefined;
  const ticket = { id, generation, nonce, proof };
  return (isOfRekey(ticket) ? isHex64(nonce) : isHex64(proof)) ? ticket : undefined;
}
