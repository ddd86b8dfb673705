import { beforeEach, describe, expect, test } from "vitest";
import { type FollowOptions, followToken } from "../../consumer/follow.ts";
import { FakeProofWriter } from "../../consumer/proof-writer.fake.ts";
import { isRefusedByApi } from "../../consumer/refusals.ts";
import { FakeSecretSource } from "../../consumer/secret-source.fake.ts";
import type { Token } from "../../consumer/token.ts";
import { useProof } from "../../protocol/index.ts";
import { HandClock, settle } from "../agent/fakes/hand-clock.ts";
import { allOf, expectFailure, holdsMark, MARK } from "./marked.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let clock: HandClock;
let source: FakeSecretSource;
let writer: FakeProofWriter;
let told: string[];
/** The tokens that the resource takes, each until a moment of the clock. */
let taken: Map<string, number>;
/** The tokens that it was shown, in order. */
let shown: string[];

beforeEach(() => {
  clock = new HandClock();
  source = new FakeSecretSource();
  writer = new FakeProofWriter();
  [told, shown, taken] = [[], [], new Map()];
  put(0, HOUR);
});

const tokenOf = (n: number) => `${MARK}-${n}`;
const versionOf = (n: number) => `7d9b318d-7543-4923-813d-${String(n).padStart(12, "0")}`;

/** The token of a version is issued for so long, and becomes the secret's. */
function put(n: number, lifeMs: number): void {
  taken.set(tokenOf(n), clock.now() + lifeMs);
  const expires_at = Math.floor((clock.now() + lifeMs) / 1000);
  source.put("partner/api", versionOf(n), { token_type: "bearer", access_token: tokenOf(n), expires_at });
}

function follow(options: Partial<FollowOptions> = {}) {
  return followToken({
    source,
    consumer: "web-1",
    isRefusal: isRefusedByApi,
    tell: (sentence) => told.push(sentence),
    proofs: { writer },
    clock,
    fraction: () => 0,
    ...options,
  });
}

/** The resource, as `fetch` answers of it. */
async function call({ accessToken }: Token): Promise<Response> {
  shown.push(accessToken);
  const isTaken = clock.now() < (taken.get(accessToken) ?? 0);
  return new Response(isTaken ? "the resource" : "who are you?", { status: isTaken ? 200 : 401 });
}

/** A call, while as much time goes by as a read after a refusal may need. */
async function callOnce(token: ReturnType<typeof follow>): Promise<number> {
  const answer = token.withToken(call);
  await clock.advance(2_000);
  return (await answer).status;
}

test("the application is given the token and which version it is, and its result is given back", async () => {
  const given = await follow().withToken(async (token, version) => [{ ...token }, version]);
  const expiresAt = new Date(clock.now() + HOUR);
  expect(given).toEqual([
    { accessToken: tokenOf(0), tokenType: "bearer", expiresAt },
    { secret: "partner/api", versionId: versionOf(0), since: clock.now() },
  ]);
});

describe("refused with 401", () => {
  test("it is called once more, with the token that is current now, and the first answer is let go", async () => {
    const token = follow();
    expect(await callOnce(token)).toBe(200);
    taken.clear();
    put(1, HOUR);
    const answers: Response[] = [];
    const answer = await token.withToken(async (one) => {
      answers.push(await call(one));
      return answers.at(-1) as Response;
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("the resource");
    expect(shown).toEqual([tokenOf(0), tokenOf(0), tokenOf(1)]);
    expect(answers[0]?.body?.locked || answers[0]?.bodyUsed).toBe(true);
  });

  test("an answer is the application's where the secret holds no other", async () => {
    const token = follow();
    taken.clear();
    const answer = token.withToken(call);
    await clock.advance(2_000);
    expect((await answer).status).toBe(401);
    expect(await (await answer).text()).toBe("who are you?");
    expect(shown).toHaveLength(1);
    expect(writer.uses).toEqual([]);
  });

  test("what is thrown counts likewise", async () => {
    const token = follow();
    await callOnce(token);
    taken.clear();
    put(1, HOUR);
    const thrown = async (one: Token) => {
      const { status } = await call(one);
      if (status !== 200) throw Object.assign(new Error("Request failed"), { response: { status } });
      return status;
    };
    expect(await token.withToken(thrown)).toBe(200);
    taken.clear();
    const error = token.withToken(thrown).catch((error: unknown) => error);
    await clock.advance(2_000);
    expect(await error).toMatchObject({ message: "Request failed" });
  });
});

test("what is answered otherwise is the application's, without another read", async () => {
  const token = follow();
  for (const status of [200, 204, 302, 403, 429, 500]) {
    expect((await token.withToken(async () => new Response(null, { status }))).status).toBe(status);
  }
  expect(source.reads).toBe(1);
});

test("each version that is used is proved, under its token", async () => {
  const token = follow();
  await callOnce(token);
  put(1, HOUR);
  await clock.advance(5 * MINUTE);
  await callOnce(token);
  await settle();
  expect(writer.uses.map(({ versionId }) => versionId)).toEqual([versionOf(0), versionOf(1)]);
  for (const [n, use] of writer.uses.entries()) {
    expect(use.proof).toBe(useProof({ ...use, credential: tokenOf(n) }));
  }
});

describe("a token's own end", () => {
  test("comes before the cache time's: it is read anew a minute before, and what has ended is not used", async () => {
    put(0, 4 * MINUTE);
    const token = follow();
    await callOnce(token);
    put(1, HOUR);
    await clock.advance(3 * MINUTE - 2_001);
    expect(await callOnce(token)).toBe(200);
    expect(shown.at(-1)).toBe(tokenOf(0));
    expect(await callOnce(token)).toBe(200);
    expect(shown.at(-1)).toBe(tokenOf(1));
  });

  test("is asked after at half of what is left where that is less than two minutes", async () => {
    put(0, MINUTE);
    const token = follow();
    await callOnce(token);
    await clock.advance(27_000);
    await callOnce(token);
    expect(source.reads).toBe(1);
    await callOnce(token);
    expect(source.reads).toBe(2);
  });

  test("a read that takes long is waited for, once it has ended", async () => {
    put(0, 4 * MINUTE);
    const token = follow();
    await callOnce(token);
    await clock.advance(4 * MINUTE);
    put(1, HOUR);
    const { promise, resolve: open } = Promise.withResolvers<void>();
    source.held = promise;
    const answer = token.withToken(call);
    await clock.advance(5_000);
    expect(shown).toEqual([tokenOf(0)]);
    open();
    expect((await answer).status).toBe(200);
    expect(shown).toEqual([tokenOf(0), tokenOf(1)]);
  });

  test("is told once where the secret holds no other, and the resource has the last word", async () => {
    put(0, MINUTE);
    const token = follow();
    await callOnce(token);
    // Its issuer honours it for longer than it said, or this clock is wrong.
    taken.set(tokenOf(0), clock.now() + HOUR);
    await clock.advance(2 * MINUTE);
    for (let n = 0; n < 10; n += 1) expect(await callOnce(token)).toBe(200);
    expect(told).toEqual([
      "What the secret partner/api holds has ended by its own time, and there is no other. It is used on, and the secret is read again.",
    ]);
    taken.clear();
    expect(await callOnce(token)).toBe(401);
    put(1, HOUR);
    await callOnce(token);
    expect(await callOnce(token)).toBe(200);
    expect(told).toHaveLength(1);
  });

  test("a token that had ended before the process began is told of, and tried", async () => {
    put(0, -MINUTE);
    expect(await callOnce(follow())).toBe(401);
    expect(told).toHaveLength(1);
  });

  test("the clock's being set does not move it", async () => {
    put(0, 4 * MINUTE);
    const token = follow();
    await callOnce(token);
    clock.setBy(-HOUR);
    await clock.advance(3 * MINUTE);
    await callOnce(token);
    expect(source.reads).toBe(2);
  });
});

describe("turns, each of which ends the former token after a quiet time", () => {
  const [LIFE, QUIET, TURNS] = [40 * MINUTE, 10 * MINUTE, 20];

  /** In which turns a first try was refused: that a second one makes up for it is not asked here. */
  async function refusedIn(options: Partial<FollowOptions>): Promise<number[]> {
    const token = follow({ fraction: () => 0.5, ...options });
    const refused = new Set<number>();
    const tryIn = async (turn: number) => {
      const before = shown.length;
      const answer = token.withToken(call);
      if (shown.length === before) await settle();
      if ((await answer).status !== 200 || shown.length !== before + 1) refused.add(turn);
    };
    put(0, LIFE);
    await tryIn(0);
    for (let turn = 1; turn <= TURNS; turn += 1) {
      const begun = clock.now();
      put(turn, LIFE);
      taken.set(tokenOf(turn - 1), begun + QUIET);
      // Every 20 ms around what happens then, the end of the cache time and of the former token; else every few seconds.
      for (const at of [4.5 * MINUTE, 5 * MINUTE, QUIET]) {
        const close = begun + at - 60;
        for (; clock.now() < close; await clock.advance(Math.min(7_000, close - clock.now()))) await tryIn(turn);
        for (; clock.now() < begun + at + 60; await clock.advance(20)) await tryIn(turn);
      }
      await clock.advance(begun + LIFE / 2 - clock.now());
    }
    return [...refused];
  }

  test("refuse no call of an application, by the cache time as it is", async () => {
    expect(await refusedIn({})).toEqual([]);
    expect(new Set(shown).size).toBe(TURNS + 1);
    expect(told).toEqual([]);
  });

  test("refuse one whose cache time is longer than the quiet time, once in each turn, and the second try is accepted", async () => {
    expect(await refusedIn({ cacheMs: 3 * QUIET })).toHaveLength(TURNS);
  });
});

test("whatever goes wrong, the token stands in nothing that is thrown or told", async () => {
  const token = follow();
  await callOnce(token);
  const thrown: unknown[] = [];
  for (const text of [MARK, `{"access_token":"${MARK}\\n"}`, `{"access_token":"${MARK}","token_type":"mac"}`]) {
    source.put("partner/api", versionOf(1), text);
    await clock.advance(5 * MINUTE);
    await callOnce(token);
    const other = follow();
    thrown.push(await other.withToken(call).catch((error: unknown) => error));
  }
  for (const one of thrown) expectFailure(one, "The .*secret partner/api");
  expect(told.length).toBeGreaterThan(0);
  expect(
    thrown
      .map(allOf)
      .concat(told)
      .filter((text) => holdsMark(text)),
  ).toEqual([]);
});

describe("refusals of an API", () => {
  test.each<[string, unknown, boolean]>([
    ["an answer of fetch", new Response("", { status: 401 }), true],
    ["an error with a status", Object.assign(new Error("no"), { status: 401 }), true],
    ["an error with a status code", Object.assign(new Error("no"), { statusCode: 401 }), true],
    ["an error with the answer", Object.assign(new Error("no"), { response: { status: 401 } }), true],
    ["one that a library has wrapped", new Error("no", { cause: { response: { statusCode: 401 } } }), true],
    ["one that may not do this", new Response("", { status: 403 }), false],
    ["an answer", new Response("401"), false],
    ["a resource that says so", { status: "401" }, false],
    ["a way that failed", Object.assign(new Error("no"), { code: "ECONNREFUSED" }), false],
    ["a number", 401, false],
    ["nothing", undefined, false],
  ])("%s", (_, answer, is) => expect(isRefusedByApi(answer)).toBe(is));
});
