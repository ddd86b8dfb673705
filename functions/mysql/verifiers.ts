import { createHash } from "node:crypto";
import { demandPassword } from "../shared/demand-password.ts";

/** The two that speak this protocol; they part where passwords and roles are concerned. */
export type Flavour = "mysql" | "mariadb";

/** @param version as the server's `VERSION()` has it */
export function flavourOf(version: string): Flavour {
  return /mariadb/i.test(version) ? "mariadb" : "mysql";
}

/** Of how many thousand rounds MySQL says in three hexadecimal digits. */
const THOUSANDS = 5;
const SALT_BYTES = 20;
const HASH_BYTES = 20;

/**
 * What the server keeps of a password, in hexadecimal: for MariaDB the 20 bytes of `mysql_native_password`, for MySQL the
 * whole authentication string of `caching_sha2_password`. So the password itself is in no statement and in no log.
 *
 * @param password printable ASCII
 * @throws TypeError for another password, which it does not repeat
 */
export function verifierOf(password: string, flavour: Flavour, random: (bytes: number) => Buffer): string {
  demandPassword(password);
  if (flavour === "mariadb")
    return sha1(sha1(Buffer.from(password)))
      .toString("hex")
      .toUpperCase();
  const salt = legible(random(SALT_BYTES));
  return authenticationString(salt, shaCrypt(Buffer.from(password), salt));
}

/** A verifier of no password that anybody knows. */
export function impossibleVerifier(flavour: Flavour, random: (bytes: number) => Buffer): string {
  if (flavour === "mariadb") return random(HASH_BYTES).toString("hex").toUpperCase();
  const salt = legible(random(SALT_BYTES));
  return authenticationString(salt, crypt64(random(32)));
}

/** How a statement says that a user is identified by a verifier: what stands before it, and after it. */
export const IDENTIFIED: Readonly<Record<Flavour, readonly [string, string]>> = {
  mariadb: [" IDENTIFIED BY PASSWORD '*", "'"],
  mysql: [" IDENTIFIED WITH caching_sha2_password AS 0x", ""],
};

/** What a verifier looks like, as a regular expression of SQL's. */
export const FORM: Readonly<Record<Flavour, string>> = { mariadb: "^[0-9A-F]{40}$", mysql: "^[0-9A-F]{140}$" };

function authenticationString(salt: Buffer, hash: string): string {
  const text = Buffer.concat([Buffer.from(`$A$${THOUSANDS.toString(16).padStart(3, "0")}$`), salt, Buffer.from(hash)]);
  return text.toString("hex").toUpperCase();
}

/** Bytes that stand in a text of MySQL's: of 7 bits, none of them a NUL or the sign that parts the fields. */
function legible(bytes: Buffer): Buffer {
  return bytes.map((byte) => {
    const sign = byte & 0x7f;
    return sign === 0 || sign === 0x24 ? sign + 1 : sign;
  }) as Buffer;
}

const SIGNS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The SHA-256 of Unix's crypt by 5,000 rounds, over salts longer than its own. */
export function shaCrypt(key: Buffer, salt: Buffer): string {
  const inner = sha256(key, salt, key);
  const parts = [key, salt, stretched(inner, key.length)];
  for (let left = key.length; left > 0; left >>= 1) parts.push(left & 1 ? inner : key);
  let digest = sha256(...parts);
  const ofKey = stretched(sha256(...Array<Buffer>(key.length).fill(key)), key.length);
  const ofSalt = stretched(sha256(...Array<Buffer>(16 + (digest[0] ?? 0)).fill(salt)), salt.length);
  for (let round = 0; round < THOUSANDS * 1000; round++) {
    const [first, last] = round % 2 ? [ofKey, digest] : [digest, ofKey];
    digest = sha256(first, ...(round % 3 ? [ofSalt] : []), ...(round % 7 ? [ofKey] : []), last);
  }
  return crypt64(digest);
}

/** crypt's own order of a SHA-256's bytes: three at a time, the last two by themselves. */
function crypt64(digest: Buffer): string {
  const byte = (n: number) => digest[n] ?? 0;
  let signs = "";
  const put = (bits: number, count: number) => {
    for (let n = 0; n < count; n++) signs += SIGNS[(bits >> (6 * n)) & 0x3f];
  };
  for (let n = 0; n < 10; n++) {
    // One of each third; which third comes first goes on by turns.
    const [a, b, c] = [0, 1, 2].map((k) => byte(n + 10 * ((k + 2 * n) % 3))) as [number, number, number];
    put((a << 16) | (b << 8) | c, 4);
  }
  put((byte(31) << 8) | byte(30), 3);
  return signs;
}

/** The first bytes of a digest that is repeated for as long as it takes. */
function stretched(digest: Buffer, length: number): Buffer {
  return Buffer.concat(Array<Buffer>(Math.ceil(length / digest.length)).fill(digest)).subarray(0, length);
}

const sha1 = (bytes: Buffer) => createHash("sha1").update(bytes).digest();

function sha256(...parts: readonly Buffer[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
