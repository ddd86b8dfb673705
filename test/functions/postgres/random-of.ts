import { createHash } from "node:crypto";

/** Bytes that look random, the same for the same words. */
export function randomOf(words: string): (bytes: number) => Buffer {
  let drawn = 0;
  return (bytes) => {
    drawn += 1;
    return createHash("shake256", { outputLength: bytes }).update(`${words} ${drawn}`).digest();
  };
}
