import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { demandPassword } from "../shared/demand-password.ts";

/** What PostgreSQL takes by itself. */
const ITERATIONS = 4096;
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/**
 * What PostgreSQL keeps of a password, made as it would (SCRAM-SHA-256, RFC 5802 and 7677). Handed in as a password, it is
 * kept as it is, so the password itself is in no statement and in no log.
 *
 * @param password printable ASCII: of other characters SCRAM asks for a normal form first
 * @param random gives that many random bytes
 * @throws TypeError for another password, which it does not repeat
 */
export function scramVerifier(password: string, random: (bytes: number) => Buffer): string {
  demandPassword(password);
  const salt = random(SALT_BYTES);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, "sha256");
  const keyed = (words: string) => createHmac("sha256", salted).update(words).digest();
  const storedKey = createHash("sha256").update(keyed("Client Key")).digest("base64");
  const serverKey = keyed("Server Key").toString("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
