const TYPES = [/[A-Z]/, /[a-z]/, /[0-9]/];
const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 41;
/** So many bytes at once. */
const DRAWN = 32;
/** A byte from there on would make the first characters likelier than the last. */
const FAIR = Math.floor(256 / CHARACTERS.length) * CHARACTERS.length;
/** One text in a thousand lacks a type. That so many do, or so many draws give too few characters, is no chance. */
const MOST_TRIES = 50;

/**
 * Draws a password: 41 capital letters, small letters and digits, some of each, all such texts being equally likely. No
 * punctuation, which some applications put into a URL as it is.
 *
 * @param random gives that many random bytes, or fewer
 * @throws Error when what it gives is not random
 */
export function drawPassword(random: (bytes: number) => Buffer): string {
  for (let texts = 0; texts < MOST_TRIES; texts += 1) {
    const text = drawText(random);
    if (text.length === LENGTH && TYPES.every((type) => type.test(text))) return text;
  }
  throw new Error("The random bytes that a password is drawn from are not random.");
}

function drawText(random: (bytes: number) => Buffer): string {
  let text = "";
  // One byte in 32 is passed over: two draws are mostly enough.
  for (let draws = 0; draws < MOST_TRIES; draws += 1) {
    for (const byte of random(DRAWN)) if (byte < FAIR) text += CHARACTERS[byte % CHARACTERS.length];
    if (text.length >= LENGTH) break;
  }
  return text.slice(0, LENGTH);
}
