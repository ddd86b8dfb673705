import { createHash } from "node:crypto";

/**
 * What of a proof or a nonce may stand where it can be read: enough to compare it by, too little to make it up.
 *
 * @param hex 64 hexadecimal characters
 * @returns its text's SHA-256, in the same form
 */
export function digestOf(hex: string): string {
  return createHash("sha256").update(hex, "utf8").digest("hex");
}
