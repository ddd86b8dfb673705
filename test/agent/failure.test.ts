import { describe, expect, test } from "vitest";
import { Failure, sentenceOf } from "../../agent/failure.ts";

describe("the sentence for what was thrown", () => {
  test("is a Failure's whole message", () => {
    expect(sentenceOf(new Failure("one\ntwo"))).toBe("one\ntwo");
  });

  test("is only the first line of any other error, which may go on with credentials", () => {
    const error = new Error("The signature does not match.\n\nx-amz-security-token:example-session");
    expect(sentenceOf(error)).toBe("The signature does not match.");
  });

  test("of several failures names each, and of one without a message its kind", () => {
    expect(sentenceOf(new AggregateError([new Error("a"), new Error("b")], ""))).toBe("a; b");
    expect(sentenceOf(new RangeError())).toBe("RangeError");
    expect(sentenceOf("text")).toBe("text");
  });
});
