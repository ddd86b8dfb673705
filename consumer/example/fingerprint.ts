import { createHmac, randomBytes } from "node:crypto";

/**
 * Makes a function that gives a short digest of a password, by which a person sees that another one is used than before. It
 * is an HMAC under a key that is drawn here and kept nowhere else. So whoever sees the digest cannot try guesses on it, as
 * he could on a plain hash, however short; and it compares what one process has used, and nothing beyond: across processes
 * and restarts it is the version that compares.
 *
 * @param key 32 random bytes
 * @returns 8 hexadecimal characters
 */
export function fingerprints(key: Buffer = randomBytes(32)): (password: string) => string {
  return (password) => createHmac("sha256", key).update(password, "utf8").digest("hex").slice(0, 8);
}
