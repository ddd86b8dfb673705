import { createHash } from "node:crypto";

/**
 * What of a rekey's nonce passes through the registration flow, whose executions are logged whole: enough to compare it by.
 *
 * @param nonce 64 hexadecimal characters
 * @returns its SHA-256, in the same form
 */
export function digestOfNonce(nonce: string): string {
  return createHash("sha256").update(nonce, "utf8").digest("hex");
}
