import { format, inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { readToken } from "../../consumer/token.ts";
import { expectFailure, MARK } from "./marked.ts";

const FULL = { token_type: "bearer", access_token: MARK, issued_at: 1_763_600_000, expires_at: 1_763_603_600 };
const READ = { accessToken: MARK, tokenType: "bearer", expiresAt: new Date(1_763_603_600_000) };

test("the shape that Keyturn writes, and what else stands there is passed over", () => {
  expect({ ...readToken(JSON.stringify({ ...FULL, turn: "token_a", scope: "read" }), "partner/api") }).toEqual(READ);
});

test.each<[string, object, object]>([
  ["a type in capitals", { token_type: "Bearer" }, { tokenType: "Bearer" }],
  ["no type", { token_type: undefined }, { tokenType: "bearer" }],
  ["no end", { expires_at: undefined }, { expiresAt: undefined }],
  ["an end as a text", { expires_at: "soon" }, { expiresAt: undefined }],
  ["an end before 1970", { expires_at: -1 }, { expiresAt: undefined }],
  ["an end that no calendar has", { expires_at: 1e300 }, { expiresAt: undefined }],
])("%s", (_, change, expected) =>
  expect({ ...readToken(JSON.stringify({ ...FULL, ...change }), "partner/api") }).toEqual({ ...READ, ...expected }),
);

test("printed as a whole, it shows no token; its fields are plain", () => {
  const token = readToken(JSON.stringify(FULL), "partner/api");
  for (const shown of [JSON.stringify({ token }), inspect({ token }), format("%o %O %j", token, token, token)]) {
    expect(shown).toContain("bearer");
    expect(shown).not.toContain(MARK);
  }
  expect(token.accessToken).toBe(MARK);
  expect({ ...token }).toEqual(READ);
});

describe("what is no token is told without what is there", () => {
  test.each([
    [MARK, "no JSON object with access_token"],
    [`{"access_token":"${MARK}"`, "no JSON object"],
    ["null", "no JSON object"],
    [`{"token":"${MARK}"}`, "has no access_token"],
    [`{"username":"a","password":"${MARK}"}`, "has no access_token"],
    [`{"access_token":["${MARK}"]}`, "has no access_token"],
    ['{"access_token":""}', "has no access_token"],
    [`{"access_token":"${MARK}\\r\\nX-Other: 1"}`, "fits into no header"],
    [`{"access_token":"${MARK} ${MARK}"}`, "fits into no header"],
    [`{"access_token":"${MARK}é"}`, "fits into no header"],
    [`{"access_token":"${MARK}","token_type":"mac"}`, "another token_type than bearer"],
    [`{"access_token":"a","token_type":"${MARK}"}`, "another token_type than bearer"],
    [`{"access_token":"a","token_type":{"${MARK}":1}}`, "another token_type than bearer"],
  ])("%s", (text, words) => {
    let thrown: unknown;
    try {
      readToken(text, "partner/api");
    } catch (error) {
      thrown = error;
    }
    expectFailure(thrown, words);
    expectFailure(thrown, "partner/api");
  });
});
