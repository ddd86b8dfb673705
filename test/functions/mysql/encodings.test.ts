import { expect, test } from "vitest";
import { getDecoder, getEncoder } from "../../../functions/mysql/encodings.ts";

test.each([
  ["cesu8", Buffer.from("Zürich"), "Zürich"],
  ["latin1", Buffer.from("Zürich", "latin1"), "Zürich"],
  ["shift_jis", Buffer.from([0x93, 0xfa]), "日"],
])("texts in %s are read", (encoding, bytes, text) => {
  const decoder = getDecoder(encoding);
  for (const _ of [1, 2]) expect([decoder.write(bytes), decoder.end()]).toEqual([text, undefined]);
});

test("texts are written in UTF-8 only, and no other encoding is taken for it", () => {
  const encoder = getEncoder("cesu8");
  expect([encoder.write("Zürich"), encoder.end()]).toEqual([Buffer.from("Zürich"), undefined]);
  expect(() => getEncoder("shift_jis")).toThrow(RangeError);
  expect(() => getDecoder("of nobody")).toThrow(RangeError);
});
