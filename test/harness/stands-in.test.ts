import { expect, test } from "vitest";
import { placeOfAny } from "./stands-in.ts";

test("a word is found wherever it stands, also within another", () => {
  expect(placeOfAny(["s3cret_-", "other"], 'a "s3cret_-" b')).toBe(3);
  expect(placeOfAny(["other", "s3cret_-"], "xxs3cret_-yy")).toBe(2);
  expect(placeOfAny(["end"], "at the end")).toBe(7);
  expect(placeOfAny(["0"], "0")).toBe(0);
  expect(placeOfAny(["eyJ.a/b+c~", "other"], "Bearer eyJ.a/b+c~ ")).toBe(7);
});

test("what stands nowhere is not found, nor is it in two parts", () => {
  expect(placeOfAny(["s3cret"], "s3c ret s3cre")).toBe(-1);
  expect(placeOfAny([], "anything")).toBe(-1);
});
