import fc from "fast-check";
import { expect, test } from "vitest";
import { drawPassword } from "../../../functions/credential/draw-password.ts";
import { seededRandom } from "../support.ts";

const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Gives these bytes one after the other, 32 at a time, and then zeros. */
function bytesOf(bytes: number[]): (count: number) => Buffer {
  const left = [...bytes];
  return (count) => Buffer.from(Array.from({ length: count }, () => left.shift() ?? 0));
}

/** 41 bytes, of which one is a digit's and one a small letter's. */
const SOUND = [61, 26, ...Array(39).fill(0)];
const FROM_SOUND = `9a${"A".repeat(39)}`;

test("a password is 41 capital letters, small letters and digits, some of each", () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const password = drawPassword(seededRandom(seed));
      expect(password).toMatch(/^[A-Za-z0-9]{41}$/);
      for (const type of [/[A-Z]/, /[a-z]/, /[0-9]/]) expect(password).toMatch(type);
    }),
  );
});

test("each character has its byte", () => {
  const bytes = Array.from({ length: 62 }, (_, byte) => byte);
  // All of the first 41, then those after them with what the first text lacks.
  expect(drawPassword(bytesOf([...bytes.slice(0, 40), 52]))).toBe(`${CHARACTERS.slice(0, 40)}0`);
  expect(drawPassword(bytesOf([...bytes.slice(40), ...bytes.slice(0, 19)]))).toBe(
    `${CHARACTERS.slice(40)}${CHARACTERS.slice(0, 19)}`,
  );
});

test("a byte that would favour some characters is passed over, and every other one counts", () => {
  expect(drawPassword(bytesOf([248, 255, 250, ...SOUND]))).toBe(FROM_SOUND);
  // The highest fair bytes are the last character's again.
  expect(drawPassword(bytesOf([247, ...SOUND.slice(1)]))).toBe(FROM_SOUND);
});

test("of a million characters each comes equally often", () => {
  const random = seededRandom();
  const counts = new Map<string, number>();
  for (let drawn = 0; drawn < 25_000; drawn += 1) {
    for (const character of drawPassword(random)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const fair = (25_000 * 41) / 62;
  expect(counts.size).toBe(62);
  // Seven times the deviation; without the rejection the first eight would be at 1.2 times the others.
  for (const count of counts.values()) expect(Math.abs(count - fair)).toBeLessThan(7 * Math.sqrt(fair));
});

test.each([
  ["capital letter", 26],
  ["digit", 0],
])("a text that lacks a type is drawn anew: here a %s", (_, byte) => {
  expect(drawPassword(bytesOf([...Array(64).fill(byte), ...SOUND]))).toBe(FROM_SOUND);
});

test.each([0, 255])("bytes that are no random ones end in an error, and not never", (byte) => {
  expect(() => drawPassword((count) => Buffer.alloc(count, byte))).toThrow("are not random");
});
