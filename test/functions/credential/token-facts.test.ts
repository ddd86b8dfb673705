import { expect, test } from "vitest";
import { notifySns } from "../../../functions/credential/notify-sns/step.ts";
import { tokenFacts } from "../../../functions/credential/token-facts.ts";
import { NOW } from "../support.ts";
import {
  API_SECRET,
  CREDENTIAL,
  CREDENTIAL_EXECUTION,
  FIRST,
  LIFETIME_MS,
  TOKEN,
  TOKEN_CREDENTIAL,
  tokenWorld,
} from "./support.ts";

const until = NOW + LIFETIME_MS;
const current = { versionId: FIRST, user: "token_a", since: NOW, execution: "x", life: { from: NOW, to: until } };
const predecessor = { versionId: TOKEN, user: "token_b", announced: [], life: { from: 0, to: NOW } };

test("of a token it is known whether it serves, until when it is good, and by which key the other one is made", () => {
  const facts = { kind: "token", isRefused: false, keySecret: "shop/api-key-b" };
  expect(tokenFacts(TOKEN_CREDENTIAL, { current }, true)).toEqual({ ...facts, goodUntil: until });
  const refused = { ...facts, isRefused: true, formerUntil: NOW };
  expect(tokenFacts(TOKEN_CREDENTIAL, { current, predecessor }, false)).toEqual(refused);
  // Somebody has made another version current, or there was none yet.
  expect(tokenFacts(TOKEN_CREDENTIAL, { current }, undefined)).toEqual(facts);
  expect(tokenFacts(TOKEN_CREDENTIAL, {}, true)).toEqual({ ...facts, keySecret: "shop/api-key-a" });
});

test("while a former one waits, the key is the one by which that is revoked, and which comes next as well", () => {
  const former = { ...predecessor, user: "token_a" };
  const { keySecret } = tokenFacts(TOKEN_CREDENTIAL, { current, predecessor: former }, true);
  expect(keySecret).toBe("shop/api-key-a");
});

test("of a database's login there are none", () => expect(tokenFacts(CREDENTIAL, { current }, true)).toEqual({}));

const served = { kind: "token", isRefused: false, goodUntil: until, keySecret: "shop/api-key-b" };
const refused = { kind: "token", isRefused: true, keySecret: "shop/api-key-b" };

test.each([
  ["KeyRefused", [], served],
  ["KeyRefused", [TOKEN], served],
  // The watch has had it turned because of that.
  ["KeyRefused", [FIRST], refused],
  ["MISMATCH", [], refused],
])("they stand in the finding of a turn that has failed by %s, where %j was refused", async (what, versions, facts) => {
  const world = await tokenWorld();
  await world.note({ refused: versions.map((versionId) => ({ versionId, at: NOW })) });
  const failed = { step: "PushToAuthority", what, cause: "Why.", promoted: false, test: false };
  const input = { secret: API_SECRET, token: TOKEN, ...failed, execution: CREDENTIAL_EXECUTION, enteredAt: NOW };
  await notifySns({ ...input, asked: { trigger: "watch" } }, world);
  const cause = what === "MISMATCH" ? "CredentialMismatch" : what;
  const found = (await world.findings.find({ subject: API_SECRET, cause }))?.facts;
  const { step: _, said: __, nextTryAt: ___, ...rest } = found ?? {};
  expect(rest).toEqual(facts);
});
