import { ACCOUNT } from "../place.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LENGTH = 16;
/** Of the 80 bits after the prefix the first is set in IDs that tell their account, then come 40 of that, then chance. */
const [MARK, RANDOM_BITS] = [1n << 79n, 39n];

/**
 * A new access key's ID, in which its account stands as in those of AWS.
 *
 * @param prefix `AKIA` for a long-term key, `ASIA` for a session's
 */
export function newKeyId(prefix: "AKIA" | "ASIA", random: (bytes: number) => Buffer): string {
  const chance = BigInt(`0x${random(5).toString("hex")}`) & ((1n << RANDOM_BITS) - 1n);
  let bits = MARK | (BigInt(ACCOUNT) << RANDOM_BITS) | chance;
  let letters = "";
  for (; letters.length < LENGTH; bits >>= 5n) letters = LETTERS.charAt(Number(bits & 31n)) + letters;
  return prefix + letters;
}

/** The account that an access key's ID tells, whether or not there is such a key; nothing where it tells none. */
export function accountOfKeyId(accessKeyId: string): string | undefined {
  const letters = Array.from(accessKeyId.slice(4), (letter) => LETTERS.indexOf(letter));
  if (letters.length !== LENGTH || letters.includes(-1)) return undefined;
  const bits = letters.reduce((sum, letter) => (sum << 5n) | BigInt(letter), 0n);
  if (bits < MARK) return undefined;
  const account = (bits - MARK) >> RANDOM_BITS;
  return account < 10n ** 12n ? String(account).padStart(12, "0") : undefined;
}
