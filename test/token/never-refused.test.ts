import { afterAll, beforeAll, expect, test } from "vitest";
import { flowArn } from "../../local/roles.ts";
import { Caller } from "./caller.ts";
import { startTokenLab, type TokenLab } from "./lab.ts";

// An application calls the protected resource every 20 ms while the token turns again and again: it is never refused.

const ROTATIONS = 20;
const KINDS = [
  { word: "one", tokensPerKey: "one", said: "an issuer with one token a key, and two keys" },
  { word: "many", tokensPerKey: "many", said: "an issuer with many tokens a key, and one key" },
] as const;

let lab: TokenLab;
beforeAll(async () => {
  lab = await startTokenLab(KINDS);
});
afterAll(() => lab?.close());

test.concurrent.each(KINDS)("through twenty rotations with $said", async ({ word, said }) => {
  const token = lab.of(word);
  const caller = new Caller(token, lab.fleet);
  for (let n = 0; n < ROTATIONS; n += 1) {
    const former = await token.version();
    const versionId = await token.turn();
    const current = await token.version();
    expect(current).toMatchObject({ versionId, user: former.user === "token_a" ? "token_b" : "token_a" });
    expect([await token.answerTo(current), await token.answerTo(former)]).toEqual([200, 401]);
  }
  await caller.end();
  process.stdout.write(`twenty rotations with ${said}: ${caller.refused.length} of ${caller.calls} calls refused\n`);
  expect(caller.refused).toEqual([]);
  // Each rotation waits for a quiet time of a second.
  expect(caller.calls).toBeGreaterThan(ROTATIONS * 10);
});

test("no execution of these failed", () => {
  const failed = lab.fleet.aws.executions
    .list(flowArn("credential"), 1000)
    .filter(({ status }) => status !== "SUCCEEDED");
  expect(failed).toEqual([]);
});
