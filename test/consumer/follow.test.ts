import { beforeEach, describe, expect, test } from "vitest";
import { type FollowOptions, followCredential } from "../../consumer/follow.ts";
import { FakeProofWriter } from "../../consumer/proof-writer.fake.ts";
import { isRefusedByMysql, isRefusedByPostgres } from "../../consumer/refusals.ts";
import { FakeSecretSource } from "../../consumer/secret-source.fake.ts";
import { useProof } from "../../protocol/index.ts";
import { HandClock, settle } from "../agent/fakes/hand-clock.ts";
import { allOf, expectFailure, holdsMark, MARK } from "./marked.ts";

const VERSIONS = ["7d9b318d-7543-4923-813d-660b51a4553f", "424f199b-830c-408f-812e-0c21c02b31c3"] as const;
let clock: HandClock;
let source: FakeSecretSource;
let writer: FakeProofWriter;
let told: string[];
/** The users that the authority takes. */
let taken: Set<string>;
/** Who tried, in order. */
let tried: string[];

beforeEach(() => {
  clock = new HandClock();
  source = new FakeSecretSource();
  writer = new FakeProofWriter();
  [told, tried, taken] = [[], [], new Set(["user-0"])];
  put(0);
});

const passwordOf = (n: number) => `${MARK}-${n}`;

function put(n: 0 | 1): void {
  source.put("orders/db", VERSIONS[n], {
    username: `user-${n}`,
    password: passwordOf(n),
    engine: "postgres",
    host: "db",
  });
}

function follow(options: Partial<FollowOptions> = {}) {
  return followCredential({
    source,
    consumer: "web-1",
    isRefusal: isRefusedByPostgres,
    tell: (sentence) => told.push(sentence),
    proofs: { writer },
    clock,
    fraction: () => 0,
    ...options,
  });
}

const refusalOf = (user: string) =>
  Object.assign(new Error(`password authentication failed for user "${user}"`), { code: "28P01" });

async function logIn({ username }: { username: string }): Promise<string> {
  tried.push(username);
  if (!taken.has(username)) throw refusalOf(username);
  return username;
}

test("the application is given the credential and which version it is, and its result is given back", async () => {
  const given = await follow().withCredential(async (credential, version) => [{ ...credential }, version]);
  expect(given).toEqual([
    { username: "user-0", password: passwordOf(0), engine: "postgres", host: "db", port: 5432, dbname: undefined },
    { secret: "orders/db", versionId: VERSIONS[0], since: clock.now() },
  ]);
});

test("a refusal has it tried once more, with the version that is current now", async () => {
  const credential = follow();
  expect(await credential.withCredential(logIn)).toBe("user-0");
  put(1);
  taken = new Set(["user-1"]);
  await clock.advance(5_000);
  expect(await credential.withCredential(logIn)).toBe("user-1");
  expect(tried).toEqual(["user-0", "user-0", "user-1"]);
  expect(await credential.withCredential(logIn)).toBe("user-1");
  expect(tried).toHaveLength(4);
});

test("a refusal while the current version is the refused one goes to the application as it is", async () => {
  const credential = follow();
  taken.clear();
  const use = credential.withCredential(logIn).catch((error: unknown) => error);
  // It was read just now: for the next read it waits.
  await clock.advance(1_000);
  expect(await use).toMatchObject({ code: "28P01" });
  expect(source.reads).toBe(2);
  expect(tried).toEqual(["user-0"]);
});

test("a second refusal goes to the application, and it is not tried a third time", async () => {
  const credential = follow();
  await credential.withCredential(logIn);
  put(1);
  taken.clear();
  await clock.advance(5_000);
  await expect(credential.withCredential(logIn)).rejects.toThrow('user "user-1"');
  expect(tried).toEqual(["user-0", "user-0", "user-1"]);
});

test("what is no refusal is thrown as it is, without another read", async () => {
  const credential = follow();
  const error = new Error("the table is not there");
  await expect(credential.withCredential(() => Promise.reject(error))).rejects.toBe(error);
  expect(source.reads).toBe(1);
  expect(writer.uses).toEqual([]);
});

test("what it gives back is its own, also a row that looks like a refusal", async () => {
  const row = { code: "28P01" };
  expect(await follow().withCredential(async () => row)).toBe(row);
  expect(source.reads).toBe(1);
});

test("where nothing can be read, the application is told so", async () => {
  source.refusal = "AccessDeniedException";
  expectFailure(
    await follow()
      .withCredential(logIn)
      .catch((error: unknown) => error),
    "AccessDeniedException",
  );
  expect(tried).toEqual([]);
});

describe("proofs of uses", () => {
  test("each version that is used is proved, at once and then each interval", async () => {
    const credential = follow({ proofs: { writer, intervalMs: 10_000 } });
    for (let second = 0; second < 30; second += 1) {
      await credential.withCredential(logIn);
      await clock.advance(1_000);
    }
    expect(writer.uses.map(({ timeMs }) => timeMs - 1_763_600_000_000)).toEqual([0, 10_000, 20_000]);
    put(1);
    taken = new Set(["user-1"]);
    await credential.withCredential(logIn);
    await settle();
    const uses = writer.uses.map(({ versionId }) => versionId);
    expect(uses).toEqual([VERSIONS[0], VERSIONS[0], VERSIONS[0], VERSIONS[1]]);
    for (const use of writer.uses) {
      const n = use.versionId === VERSIONS[0] ? 0 : 1;
      expect(use).toMatchObject({ secret: "orders/db", consumer: "web-1" });
      expect(use.proof).toBe(useProof({ ...use, credential: passwordOf(n) }));
    }
    expect(holdsMark(JSON.stringify(writer.uses))).toBe(false);
  });

  test("uses at once make one proof, and two versions in use make one each", async () => {
    taken.add("user-1");
    const credential = follow({ cacheMs: 0 });
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const slow = Array.from({ length: 20 }, () => credential.withCredential(() => gate));
    await settle();
    put(1);
    await clock.advance(1_000);
    await Promise.all(Array.from({ length: 20 }, () => credential.withCredential(logIn)));
    open();
    await Promise.all(slow);
    await settle();
    expect(writer.uses.map(({ versionId }) => versionId).sort()).toEqual([...VERSIONS].sort());
  });

  test("a use that failed, or was refused, is not proved", async () => {
    taken = new Set(["user-1"]);
    const credential = follow();
    const refused = credential.withCredential(logIn).catch(() => {});
    await clock.advance(1_000);
    await refused;
    await credential.withCredential(() => Promise.reject(new Error("away"))).catch(() => {});
    await settle();
    expect(writer.uses).toEqual([]);
  });

  test("a proof that cannot be written hinders no use, is told once, and is tried again with a later use", async () => {
    const credential = follow();
    writer.failure = Object.assign(new Error("Rate exceeded\nwith a signature"), {
      name: "ThrottlingException",
      $fault: "client",
    });
    for (let use = 0; use < 30; use += 1) {
      expect(await credential.withCredential(logIn)).toBe("user-0");
      await clock.advance(100);
    }
    expect(told).toEqual(["No proof of a use of the secret orders/db was written: ThrottlingException: Rate exceeded"]);
    writer.failure = undefined;
    await credential.withCredential(logIn);
    await settle();
    expect(writer.uses).toHaveLength(1);
    expect(told.slice(1)).toEqual(["Uses of the secret orders/db are proved again."]);
  });

  test("a version that no proof can name is told of, without the version", async () => {
    source.put("orders/db", "short", { username: "user-0", password: passwordOf(0) });
    await follow().withCredential(logIn);
    await settle();
    expect(told).toEqual(["No proof of a use of the secret orders/db was written: TypeError"]);
  });

  test("close waits for proofs under way, but for no more than five seconds", async () => {
    const { promise: never } = Promise.withResolvers<void>();
    const credential = follow({ proofs: { writer: { write: () => never, close: () => {} } } });
    await credential.withCredential(logIn);
    let closed = false;
    void credential.close().then(() => {
      closed = true;
    });
    await clock.advance(4_999);
    expect(closed).toBe(false);
    await clock.advance(1);
    await settle();
    expect(closed).toBe(true);
  });
});

test("a log that fails hinders nothing", async () => {
  const tell = () => {
    throw new Error("the disk is full");
  };
  const credential = follow({ tell });
  writer.failure = new Error("away");
  await credential.withCredential(logIn);
  source.refusal = "ThrottlingException";
  await clock.advance(400_000);
  expect(await credential.withCredential(logIn)).toBe("user-0");
  source.refusal = undefined;
  writer.failure = undefined;
  await clock.advance(2_000);
  expect(await credential.withCredential(logIn)).toBe("user-0");
  await settle();
  expect(writer.uses).toHaveLength(1);
});

test.each<[string, Partial<FollowOptions>, string]>([
  ["a consumer without a name", { consumer: "" }, "consumer"],
  ["a consumer's name that PostgreSQL would cut", { consumer: "a".repeat(64) }, "consumer"],
  ["a cache time before now", { cacheMs: -1 }, "cacheMs"],
  ["a cache time that is no number", { cacheMs: Number.NaN }, "cacheMs"],
  ["an interval of nothing", { proofs: { writer: new FakeProofWriter(), intervalMs: 0 } }, "proofs.intervalMs"],
])("%s is refused at once", (_, options, name) =>
  expect(() => follow(options)).toThrow(new RegExp(`^${name} must be`)),
);

test("whatever goes wrong, the credential stands in nothing that is thrown or told", async () => {
  const credential = follow();
  await credential.withCredential(logIn);
  const thrown: unknown[] = [];
  const use = async () => {
    const over = credential.withCredential(logIn).catch((error: unknown) => error);
    await clock.advance(2_000);
    thrown.push(await over);
  };
  taken.clear();
  await clock.advance(400_000);
  await use();
  source.put("orders/db", VERSIONS[1], MARK);
  await clock.advance(400_000);
  await use();
  source.refusal = "ThrottlingException";
  await clock.advance(400_000);
  await use();
  const never = followCredential({
    source,
    consumer: "web-1",
    isRefusal: () => true,
    tell: (one) => told.push(one),
    clock,
  });
  source.refusal = undefined;
  // What it was first given is no credential.
  thrown.push(await never.withCredential(logIn).catch((error: unknown) => error));
  expect(thrown).toHaveLength(4);
  expect(told.length).toBeGreaterThan(0);
  expect(
    thrown
      .map(allOf)
      .concat(told)
      .filter((text) => holdsMark(text)),
  ).toEqual([]);
});

describe("refusals", () => {
  const withCode = (code: unknown) => Object.assign(new Error("words"), { code });
  const withErrno = (errno: unknown) => Object.assign(new Error("words"), { errno });

  test.each([
    ["a wrong password", withCode("28P01"), true],
    ["a user who may not log in", withCode("28000"), true],
    ["one that a library has wrapped", new Error("query failed", { cause: withCode("28P01") }), true],
    ["a database that is not there", withCode("3D000"), false],
    ["a server that is away", withCode("ECONNREFUSED"), false],
    ["no error", undefined, false],
    ["a text", "28P01", false],
  ])("of PostgreSQL: %s", (_, error, is) => expect(isRefusedByPostgres(error)).toBe(is));

  test.each([
    ["access denied", withErrno(1045), true],
    ["a locked account", withErrno(3118), true],
    ["access denied without a password", withErrno(1698), true],
    ["a password that has expired", withErrno(1862), true],
    ["a locked account of MariaDB", withErrno(4151), true],
    ["one that a library has wrapped", new Error("query failed", { cause: withErrno(1045) }), true],
    ["a table that is not there", withErrno(1146), false],
    ["nothing", null, false],
  ])("of MySQL: %s", (_, error, is) => expect(isRefusedByMysql(error)).toBe(is));

  test("errors that cause each other come to an end", () => {
    const error: { cause?: unknown } = {};
    error.cause = error;
    expect(isRefusedByPostgres(error)).toBe(false);
  });
});
