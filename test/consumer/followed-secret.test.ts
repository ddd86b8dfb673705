import { beforeEach, expect, test } from "vitest";
import { LOGIN } from "../../consumer/credential.ts";
import { followSecret } from "../../consumer/followed-secret.ts";
import { FakeSecretSource } from "../../consumer/secret-source.fake.ts";
import { HandClock, settle } from "../agent/fakes/hand-clock.ts";
import { expectFailure, holdsMark, MARK } from "./marked.ts";

const CACHE_MS = 60_000;
let clock: HandClock;
let source: FakeSecretSource;
let told: string[];
/** What is drawn next, and from then on. */
let drawn: number;

beforeEach(() => {
  clock = new HandClock();
  source = new FakeSecretSource();
  told = [];
  drawn = 0;
  put("v1");
});

function put(versionId: string): void {
  source.put("orders/db", versionId, { username: `user-${versionId}`, password: `${MARK}-${versionId}` });
}

function follow(cacheMs = CACHE_MS) {
  return followSecret({
    source,
    kind: LOGIN,
    cacheMs,
    clock,
    fraction: () => drawn,
    tell: (sentence) => told.push(sentence),
  });
}

/** Something that goes on while the clock is moved. */
function pending<T>(promise: Promise<T>) {
  const state: { value?: T; error?: unknown; over: boolean } = { over: false };
  promise.then(
    (value) => Object.assign(state, { value, over: true }),
    (error: unknown) => Object.assign(state, { error, over: true }),
  );
  return state;
}

/** A gate that reads wait at. */
function holdReads(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  source.held = promise;
  return () => {
    source.held = undefined;
    resolve();
  };
}

test("within the cache time the secret is read once, after it again", async () => {
  const secret = follow();
  expect(await secret.current()).toMatchObject({ versionId: "v1", value: { username: "user-v1" } });
  put("v2");
  await clock.advance(CACHE_MS - 1);
  expect(await secret.current()).toMatchObject({ versionId: "v1" });
  expect(source.reads).toBe(1);
  await clock.advance(1);
  expect(await secret.current()).toMatchObject({ versionId: "v2", since: clock.now() });
  expect(source.reads).toBe(2);
});

test("a version that was read before keeps the moment since when it is known", async () => {
  const secret = follow();
  const { since } = await secret.current();
  await clock.advance(CACHE_MS);
  expect(await secret.current()).toMatchObject({ since });
  expect(source.reads).toBe(2);
});

test("those that were started together do not ask together: up to a tenth of the cache time is drawn off", async () => {
  drawn = 0.99;
  const secret = follow();
  await secret.current();
  await clock.advance(CACHE_MS * 0.9);
  expect(source.reads).toBe(1);
  await clock.advance(CACHE_MS * 0.02);
  await secret.current();
  expect(source.reads).toBe(2);
});

test("the clock's being set back or forward changes no cache time", async () => {
  const secret = follow();
  await secret.current();
  clock.setBy(-3_600_000);
  await clock.advance(CACHE_MS);
  await secret.current();
  expect(source.reads).toBe(2);
  clock.setBy(7_200_000);
  await secret.current();
  expect(source.reads).toBe(2);
});

test("callers at once share one read, the first one too", async () => {
  const secret = follow();
  const open = holdReads();
  const all = Array.from({ length: 50 }, () => secret.current());
  await settle();
  open();
  expect((await Promise.all(all)).map(({ versionId }) => versionId)).toEqual(Array(50).fill("v1"));
  expect(source.reads).toBe(1);
});

test("without a cache time it is read at each use, but once a second at the most, and the one at hand serves", async () => {
  const secret = follow(0);
  await secret.current();
  for (let ms = 0; ms < 10_000; ms += 10) {
    await secret.current();
    await clock.advance(10);
  }
  expect(source.reads).toBe(10);
});

test("between two reads lies up to as much again, drawn", async () => {
  drawn = 0.5;
  const secret = follow(0);
  for (let ms = 0; ms < 15_000; ms += 10) {
    await secret.current();
    await clock.advance(10);
  }
  expect(source.reads).toBe(10);
});

test("a read that takes long is waited for a second; then the version at hand serves", async () => {
  const secret = follow();
  await secret.current();
  await clock.advance(CACHE_MS);
  put("v2");
  const open = holdReads();
  const use = pending(secret.current());
  await clock.advance(999);
  expect(use.over).toBe(false);
  await clock.advance(1);
  expect(use.value).toMatchObject({ versionId: "v1" });
  open();
  await settle();
  expect(await secret.current()).toMatchObject({ versionId: "v2" });
  expect(source.reads).toBe(2);
});

test("a read that never ends is given up after ten seconds, and tried again", async () => {
  const secret = follow();
  await secret.current();
  await clock.advance(CACHE_MS);
  put("v2");
  holdReads();
  const use = pending(secret.current());
  await clock.advance(10_000);
  expect(use.value).toMatchObject({ versionId: "v1" });
  expect(told).toEqual([expect.stringContaining("no answer within 10 s")]);
  source.held = undefined;
  await secret.current();
  await settle();
  expect(await secret.current()).toMatchObject({ versionId: "v2" });
});

test.each(["ThrottlingException", "InternalServiceError", "AccessDeniedException"])(
  "a read that is refused (%s) leaves the version at hand; it is told once, and once when it is over",
  async (reason) => {
    const secret = follow();
    await secret.current();
    source.refusal = reason;
    put("v2");
    await clock.advance(CACHE_MS);
    for (let second = 0; second < 60; second += 1) {
      expect(await secret.current()).toMatchObject({ versionId: "v1" });
      await settle();
      await clock.advance(1_000);
    }
    expect(told).toEqual([
      `The secret could not be read: ${reason}. The version at hand is used on, and the secret is read again.`,
    ]);
    expect(source.reads).toBe(61);
    source.refusal = undefined;
    await secret.current();
    await settle();
    expect(await secret.current()).toMatchObject({ versionId: "v2" });
    expect(told.slice(1)).toEqual(["The secret orders/db can be read again."]);
  },
);

test("a version that is no credential leaves the one at hand, and its value is not told", async () => {
  const secret = follow();
  await secret.current();
  source.put("orders/db", "v2", MARK);
  await clock.advance(CACHE_MS);
  expect(await secret.current()).toMatchObject({ versionId: "v1" });
  expect(told).toEqual([expect.stringContaining("no JSON object")]);
  expect(holdsMark(told.join())).toBe(false);
});

test("while none is at hand, whoever asks is told why, and nobody asks more than once a second", async () => {
  source.refusal = "ThrottlingException";
  const secret = follow();
  for (let ms = 0; ms < 3_000; ms += 10) {
    const use = pending(secret.current());
    await settle();
    expectFailure(use.error, "ThrottlingException");
    await clock.advance(10);
  }
  expect(source.reads).toBe(3);
  source.refusal = undefined;
  expect(await secret.current()).toMatchObject({ versionId: "v1" });
  expect(told).toEqual([]);
});

test("a refusal has the secret read anew, once for all who were refused", async () => {
  const secret = follow();
  const refused = await secret.current();
  put("v2");
  await clock.advance(5_000);
  const all = await Promise.all(Array.from({ length: 50 }, () => secret.anew(refused)));
  expect(all.map((version) => version?.versionId)).toEqual(Array(50).fill("v2"));
  expect(source.reads).toBe(2);
  // Those who come later with the same one find the other at hand.
  expect(await secret.anew(refused)).toMatchObject({ versionId: "v2" });
  expect(source.reads).toBe(2);
});

test("who is refused within a second of a read waits until it may be read again", async () => {
  const secret = follow();
  const refused = await secret.current();
  put("v2");
  await clock.advance(300);
  const anew = pending(secret.anew(refused));
  await clock.advance(699);
  expect(anew.over).toBe(false);
  expect(source.reads).toBe(1);
  // Whoever comes meanwhile has the one at hand.
  expect(await secret.current()).toMatchObject({ versionId: "v1" });
  await clock.advance(1);
  expect(anew.value).toMatchObject({ versionId: "v2" });
});

test("who comes while a refused one waits for its read has the version at hand at once, also without a cache time", async () => {
  const secret = follow(0);
  const refused = await secret.current();
  put("v2");
  const anew = pending(secret.anew(refused));
  await clock.advance(300);
  const use = pending(secret.current());
  await settle();
  expect(use.value).toMatchObject({ versionId: "v1" });
  await clock.advance(700);
  expect(anew.value).toMatchObject({ versionId: "v2" });
  expect(source.reads).toBe(2);
});

test("where the current version is the refused one, it is looked again once a second, and all others know at once", async () => {
  const secret = follow();
  const refused = await secret.current();
  await clock.advance(1_000);
  expect(await secret.anew(refused)).toBeUndefined();
  for (let use = 0; use < 20; use += 1) expect(await secret.anew(refused)).toBeUndefined();
  expect(source.reads).toBe(2);
  await clock.advance(1_000);
  put("v2");
  expect(await secret.anew(refused)).toMatchObject({ versionId: "v2" });
  expect(source.reads).toBe(3);
});

test("where the secret cannot be read, a refusal stands, and a later one has it read again", async () => {
  const secret = follow();
  const refused = await secret.current();
  await clock.advance(1_000);
  source.refusal = "ThrottlingException";
  put("v2");
  expect(await secret.anew(refused)).toBeUndefined();
  source.refusal = undefined;
  const anew = pending(secret.anew(refused));
  await clock.advance(1_000);
  expect(anew.value).toMatchObject({ versionId: "v2" });
});

test("a version that was taken back is followed, too", async () => {
  const secret = follow();
  await secret.current();
  put("v2");
  await clock.advance(CACHE_MS);
  const refused = await secret.current();
  put("v1");
  await clock.advance(1_000);
  expect(await secret.anew(refused)).toMatchObject({ versionId: "v1", value: { password: `${MARK}-v1` } });
});
