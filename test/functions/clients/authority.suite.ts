import { isIP } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Answer, Authority, AuthoritySettings, Login } from "../../../functions/clients/authority.ts";

/** Two users in turn, an owner, and two servers. Their names are such that they must be quoted. */
export const SETTINGS = {
  credential: "orders/database",
  dbname: 'orders "live"',
  owner: 'the orders\' "owner"',
  users: ['orders "a"', "orders 'b'\\"],
} as const;
const [A, B] = SETTINGS.users;
const USERS = [A, B];

/** An authority of two servers, and what a test does to them. */
export interface AuthorityPlace {
  authority: Authority;
  settings: AuthoritySettings;
  /** The readers get what the writer knows; until then they know what they knew. */
  catchUp(): Promise<void>;
  /** An application's session on a server. */
  connect(
    host: string,
    login: Login,
    application: string,
  ): Promise<{ end(): Promise<void>; works(): Promise<boolean> }>;
  /** From now on a server is away, or there again. */
  away(host: string, isAway: boolean): Promise<void>;
  /** From now on the manager's login is refused, or taken. */
  refuseManager(isRefused: boolean): Promise<void>;
}

const yes = async () => true;
const no = async () => false;

/** What all authorities do; `makePlace` is called once. A lock is waited for a second at most. */
export function authoritySuite(makePlace: () => Promise<AuthorityPlace> | AuthorityPlace): void {
  let place: AuthorityPlace;
  let authority: Authority;
  let [writer, reader] = ["", ""];
  beforeAll(async () => {
    place = await makePlace();
    authority = place.authority;
    [writer = "", reader = ""] = place.settings.hosts;
    expect(reader).not.toBe("");
  });
  beforeEach(async () => {
    for (const user of USERS) await authority.refuse(user, "PASSWORD", yes);
    await place.catchUp();
  });

  const says = async (login: Login) => (await authority.accepts(login)).map((answer: Answer) => answer.says);
  /** Sees to a login that every server knows. */
  async function honoured(user: string = A, password = "the password"): Promise<Login> {
    expect(await authority.honour({ user, password }, yes)).toBe(true);
    await place.catchUp();
    return { user, password };
  }

  test("a user is accepted with the password that was set for him, and with no other", async () => {
    const login = await honoured();
    expect(await says(login)).toEqual(["ACCEPTED", "ACCEPTED"]);
    expect(await says({ ...login, password: "another" })).toEqual(["REFUSED", "REFUSED"]);
    expect(await says({ ...login, user: B })).toEqual(["REFUSED", "REFUSED"]);
    const next = await honoured(A, "the next password");
    expect(await says(login)).toEqual(["REFUSED", "REFUSED"]);
    expect(await says(next)).toEqual(["ACCEPTED", "ACCEPTED"]);
  });

  test("an empty password is refused", async () => {
    expect(await says({ ...(await honoured()), password: "" })).toEqual(["REFUSED", "REFUSED"]);
  });

  test("every printable character of ASCII may be in a password", async () => {
    const password = Array.from({ length: 0x7f - 0x20 }, (_, n) => String.fromCharCode(0x20 + n)).join("");
    expect(await says(await honoured(A, password))).toEqual(["ACCEPTED", "ACCEPTED"]);
  });

  test.each(["", "pässword", "line\nline"])("no other password is set: %j", async (password) => {
    const setting = authority.honour({ user: A, password }, yes);
    await expect(setting).rejects.toThrow(new TypeError("password must be printable ASCII, at least one character"));
  });

  test("a user of nobody's is asked of nobody, set for nobody and repeated by nobody", async () => {
    const user = "root";
    const calls = [
      () => authority.accepts({ user, password: "x" }),
      () => authority.actsAs({ user, password: "x" }),
      () => authority.usesOf([A, user]),
      () => authority.honour({ user, password: "x" }, yes),
      () => authority.refuse(user, "LOGIN", yes),
    ];
    for (const call of calls) {
      const error: Error = await call().then(
        () => new Error("it was done"),
        (thrown) => thrown,
      );
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).not.toContain(user);
    }
  });

  test("each server answers for itself, in the order of the settings: a reader may lag", async () => {
    const login = { user: A, password: "set on the writer" };
    await authority.honour(login, yes);
    expect(await authority.accepts(login)).toEqual([
      { host: writer, says: "ACCEPTED" },
      { host: reader, says: "REFUSED", words: expect.any(String) },
    ]);
    await expect(authority.actsAs(login)).rejects.toMatchObject({
      name: "LoginRefused",
      message: expect.stringContaining(reader),
    });
    await place.catchUp();
    expect(await says(login)).toEqual(["ACCEPTED", "ACCEPTED"]);
  });

  test("a login acts as the owner on each server, also after DISCARD ALL", async () => {
    const acting = {
      asOwner: true,
      fresh: SETTINGS.owner,
      afterDiscard: SETTINGS.owner,
      release: expect.stringMatching(/^\d+\.\d+/),
    };
    for (const user of USERS) {
      expect(await authority.actsAs(await honoured(user))).toEqual([
        { host: writer, ...acting },
        { host: reader, ...acting },
      ]);
    }
  });

  test("whoever uses a user is seen by server, name and address, since when, and until he goes", async () => {
    const before = Date.now();
    const [a, b] = [await honoured(A), await honoured(B)];
    const sessions = [
      await place.connect(writer, a, "shop"),
      await place.connect(reader, a, "reports"),
      await place.connect(writer, b, ""),
    ];
    const uses = await authority.usesOf([A]);
    expect(uses.map(({ host, user, application }) => ({ host, user, application }))).toEqual([
      { host: writer, user: A, application: "shop" },
      { host: reader, user: A, application: "reports" },
    ]);
    expect(uses.map(({ address }) => isIP(address ?? ""))).not.toContain(0);
    for (const { since } of uses) {
      expect(since).toBeGreaterThan(before - 1000);
      expect(since).toBeLessThan(Date.now() + 1000);
    }
    expect(await authority.usesOf(USERS)).toHaveLength(3);
    await Promise.all(sessions.map((session) => session.end()));
    await expect.poll(() => authority.usesOf(USERS)).toEqual([]);
  });

  test("the first stroke shuts a user, and one command undoes it: his password is still the same", async () => {
    const login = await honoured();
    const session = await place.connect(writer, login, "shop");
    expect(await authority.refuse(A, "LOGIN", yes)).toBe(true);
    expect((await authority.accepts(login))[0]).toMatchObject({ says: "REFUSED" });
    // Sessions that are open go on.
    expect(await session.works()).toBe(true);
    await session.end();
    await honoured();
    expect(await says(login)).toEqual(["ACCEPTED", "ACCEPTED"]);
  });

  test("after the second stroke nothing but another password lets a user in", async () => {
    const login = await honoured();
    await authority.refuse(A, "LOGIN", yes);
    expect(await authority.refuse(A, "PASSWORD", yes)).toBe(true);
    await place.catchUp();
    expect(await says(login)).toEqual(["REFUSED", "REFUSED"]);
    expect(await says(await honoured(A, "another"))).toEqual(["ACCEPTED", "ACCEPTED"]);
  });

  test("nothing is changed where it may not go on, or where that cannot be told", async () => {
    const login = await honoured();
    const other = { ...login, password: "another" };
    const failure = new Error("nobody knows");
    const fails = () => Promise.reject(failure);
    expect(await authority.honour(other, no)).toBe(false);
    expect(await authority.refuse(A, "LOGIN", no)).toBe(false);
    expect(await authority.refuse(A, "PASSWORD", no)).toBe(false);
    await expect(authority.honour(other, fails)).rejects.toBe(failure);
    await expect(authority.refuse(A, "LOGIN", fails)).rejects.toBe(failure);
    await place.catchUp();
    expect(await says(login)).toEqual(["ACCEPTED", "ACCEPTED"]);
    expect(await says(other)).toEqual(["REFUSED", "REFUSED"]);
  });

  test("one call has the lock at a time; the next one asks when the first is done", async () => {
    const order: string[] = [];
    const asked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const first = authority.honour({ user: A, password: "first" }, async () => {
      order.push("first asks");
      asked.resolve();
      await go.promise;
      return true;
    });
    await asked.promise;
    const second = authority.refuse(B, "LOGIN", async () => {
      order.push("second asks");
      return false;
    });
    await pause(200);
    order.push("go");
    go.resolve();
    expect([await first, await second]).toEqual([true, false]);
    expect(order).toEqual(["first asks", "go", "second asks"]);
  });

  test("a call that was held up and let go later changes nothing: others have gone by, and it asks again", async () => {
    let pending = "v1";
    const stillPending = (version: string) => async () => pending === version;
    const asked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    // What holds the lock until the late call waits for it.
    const holder = authority.honour({ user: A, password: "of v2" }, async () => {
      asked.resolve();
      await go.promise;
      return true;
    });
    await asked.promise;
    const late = authority.honour({ user: A, password: "of v1" }, stillPending("v1"));
    await pause(200);
    pending = "v2";
    go.resolve();
    expect([await holder, await late]).toEqual([true, false]);
    await place.catchUp();
    expect(await says({ user: A, password: "of v2" })).toEqual(["ACCEPTED", "ACCEPTED"]);
    expect(await says({ user: A, password: "of v1" })).toEqual(["REFUSED", "REFUSED"]);
  });

  test("who waits too long for the lock is told, has asked nothing and changes nothing", async () => {
    const login = await honoured();
    const asked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const holder = authority.refuse(A, "LOGIN", async () => {
      asked.resolve();
      await go.promise;
      return false;
    });
    await asked.promise;
    let hasAsked = false;
    const second = authority.honour({ ...login, password: "another" }, async () => {
      hasAsked = true;
      return true;
    });
    await expect(second).rejects.toMatchObject({ name: "AuthorityBusy", message: expect.stringContaining(writer) });
    go.resolve();
    expect(await holder).toBe(false);
    expect(hasAsked).toBe(false);
    expect(await says(login)).toEqual(["ACCEPTED", "ACCEPTED"]);
  });

  test("a server that is away is told apart from one that refuses, and named", async () => {
    const login = await honoured();
    const unreachable = { name: "AuthorityUnreachable", message: expect.stringContaining(reader) };
    await place.away(reader, true);
    try {
      expect(await says(login)).toEqual(["ACCEPTED", "UNREACHABLE"]);
      await expect(authority.actsAs(login)).rejects.toMatchObject(unreachable);
      // Whoever is not seen there may be there all the same.
      await expect(authority.usesOf(USERS)).rejects.toMatchObject(unreachable);
    } finally {
      await place.away(reader, false);
    }
    await place.away(writer, true);
    try {
      const gone = { name: "AuthorityUnreachable", message: expect.stringContaining(writer) };
      await expect(authority.honour(login, yes)).rejects.toMatchObject(gone);
      await expect(authority.refuse(A, "PASSWORD", yes)).rejects.toMatchObject(gone);
    } finally {
      await place.away(writer, false);
    }
    expect(await says(login)).toEqual(["ACCEPTED", "ACCEPTED"]);
  });

  test("that the manager is refused is told apart from all else", async () => {
    const login = await honoured();
    await place.refuseManager(true);
    try {
      for (const call of [() => authority.usesOf(USERS), () => authority.refuse(A, "PASSWORD", yes)]) {
        await expect(call()).rejects.toMatchObject({ name: "ManagerRefused" });
      }
    } finally {
      await place.refuseManager(false);
    }
    expect(await says(login)).toEqual(["ACCEPTED", "ACCEPTED"]);
  });
}
