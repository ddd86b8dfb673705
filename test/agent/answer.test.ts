import { describe, expect, test } from "vitest";
import { backoff } from "../../agent/backoff.ts";
import { readAnswer } from "../../agent/registration/answer.ts";
import { REFUSALS } from "../../protocol/index.ts";

const GOOD = { registered: true, generation: 3, sampleIntervalSeconds: 60 };

describe("an answer of the registration function", () => {
  test.each([
    ["that it is registered", 200, GOOD, "registered"],
    ["with a first key", 200, { ...GOOD, generation: 1, serverPublic: "ab".repeat(32) }, "registered"],
    ["that it is refused", 200, { registered: false, reason: "RETIRED" }, "refused"],
    ["that it is refused for an unknown reason", 200, { registered: false, reason: "BECAUSE" }, "refused"],
    ["that it is refused without a reason", 200, { registered: false }, "unavailable"],
    ["with a malformed public key", 200, { ...GOOD, serverPublic: "AB" }, "unavailable"],
    ["without a generation", 200, { registered: true, sampleIntervalSeconds: 60 }, "unavailable"],
    ["with fields of a later version", 200, { ...GOOD, verdict: "MATCH", rekey: {} }, "registered"],
    ["that is no object", 200, null, "unavailable"],
    ["of a malformed request", 400, { error: "no", field: "ip" }, "rejected"],
    ["that the URL is wrong", 404, {}, "rejected"],
    ["that the caller is not of the fleet", 403, {}, "unavailable"],
    ["that there are too many calls", 429, {}, "unavailable"],
    ["of a failure", 502, {}, "unavailable"],
  ])("%s is understood", (_what, status, body, kind) => {
    expect(readAnswer(status, JSON.stringify(body)).kind).toBe(kind);
  });

  test.each(REFUSALS)("with the reason %s is a refusal for it", (reason) => {
    expect(readAnswer(200, JSON.stringify({ registered: false, reason }))).toEqual({ kind: "refused", reason });
  });

  test("with a reason that is not known repeats no word of it", () => {
    const answer = readAnswer(200, JSON.stringify({ registered: false, reason: "BECAUSE" }));
    expect(answer).toEqual({ kind: "refused", reason: "unknown" });
  });

  test.each([
    [31_536_000, 86_400],
    ["soon", 60],
    [undefined, 60],
  ])("with the interval %s is that it is registered, with one of %s seconds", (given, taken) => {
    const answer = readAnswer(200, JSON.stringify({ ...GOOD, sampleIntervalSeconds: given }));
    expect(answer).toMatchObject({ kind: "registered", sampleIntervalSeconds: taken });
  });

  test.each([
    { kind: "timestream", database: "keyturn", table: "samples" },
    { kind: "dynamodb", table: "keyturn-samples" },
  ])("with the store %j is that samples go there", (store) => {
    expect(readAnswer(200, JSON.stringify({ ...GOOD, store: { ...store, later: 1 } }))).toMatchObject({ store });
  });

  test.each([
    undefined,
    "dynamodb",
    null,
    { kind: "tape", table: "samples" },
    { kind: "dynamodb" },
    { kind: "dynamodb", table: "a table" },
    // Which DynamoDB would take for the table of another account.
    { kind: "dynamodb", table: "arn:aws:dynamodb:us-east-1:111122223333:table/samples" },
    { kind: "timestream", table: "samples" },
    { kind: "timestream", database: 'keyturn"."other', table: "samples" },
  ])("with the store %j is that it is registered, and samples go where they went", (store) => {
    const answer = readAnswer(200, JSON.stringify({ ...GOOD, store }));
    expect(answer).toMatchObject({ kind: "registered", store: undefined });
  });

  test.each([
    ["MATCH", "MATCH"],
    ["MISMATCH", "MISMATCH"],
    ["BETTER_THAN_EVER", "unknown"],
    [undefined, undefined],
    [7, undefined],
    [{ verdict: "MATCH" }, undefined],
  ])("with the verdict %j is that it is registered, with %s", (given, taken) => {
    const answer = readAnswer(200, JSON.stringify({ ...GOOD, verdict: given }));
    expect(answer).toEqual({ kind: "registered", generation: 3, sampleIntervalSeconds: 60, verdict: taken });
  });

  test("that is no JSON is unavailable", () => {
    expect(readAnswer(200, "<html>").kind).toBe("unavailable");
  });
});

describe("back-off", () => {
  const limits = { firstMs: 1_000, mostMs: 60_000 };

  test("is drawn from nothing up to a ceiling that doubles", () => {
    expect([1, 2, 3].map((failures) => backoff(failures, limits, () => 0))).toEqual([0, 0, 0]);
    expect([1, 2, 3].map((failures) => backoff(failures, limits, () => 0.999))).toEqual([999, 1_998, 3_996]);
  });

  test("has a highest ceiling, after however many failures", () => {
    expect(backoff(5_000, limits, () => 0.5)).toBe(30_000);
  });
});
