import { beforeAll, describe, expect, test } from "vitest";
import type { AccessKeys } from "../../../functions/clients/access-keys.ts";
import { NOW } from "../support.ts";

/** Access keys, and how users come to have some. */
export interface KnownKeys {
  accessKeys: AccessKeys;
  /** Makes a user with so many active keys: their IDs. */
  addUser(name: string, keys: number): Promise<string[]>;
  /** Attaches a managed policy of AWS's to a user. */
  attach(user: string, policy: string): Promise<void>;
  /** Until when what was issued to a user before is denied, in milliseconds since 1970. */
  deniedUntil(user: string): Promise<number | undefined>;
  /** A key of this account that was never issued, and one of another account. */
  unknown: string;
  foreign: { accessKeyId: string; account: string };
}

/** What every AccessKeys does; `makeKeys` is called once. */
export function accessKeysSuite(makeKeys: () => KnownKeys | Promise<KnownKeys>): void {
  let made: KnownKeys;
  let users = 0;
  beforeAll(async () => {
    made = await makeKeys();
  });

  /** A user of the test's own, with two keys. */
  async function withKeys() {
    users += 1;
    const user = `user=+,.@-_${users}`;
    const [one = "", other = ""] = await made.addUser(user, 2);
    return { ...made, user, one, other };
  }

  describe("whose a key is", () => {
    test("is said of a user's, whether it is active or not", async () => {
      const { accessKeys, user, one, other } = await withKeys();
      await accessKeys.deactivate(user, other);
      for (const key of [one, other]) expect(await accessKeys.whose(key)).toMatchObject({ owner: "USER", user });
    });

    test("is nobody, of one that was deleted, or never was", async () => {
      const { accessKeys, user, one, unknown } = await withKeys();
      await accessKeys.remove(user, one);
      for (const key of [one, unknown]) expect(await accessKeys.whose(key)).toEqual({ owner: "NOBODY" });
    });

    test("is said to be another account where it is", async () => {
      const { accessKeyId, account } = made.foreign;
      expect(await made.accessKeys.whose(accessKeyId)).toEqual({ owner: "OTHERS", account });
    });
  });

  test("a key is made inactive, however often, and the user's other one is not", async () => {
    const { accessKeys, user, one, other } = await withKeys();
    for (let times = 0; times < 2; times += 1) expect(await accessKeys.deactivate(user, one)).toBe("deactivated");
    const keys = await accessKeys.keysOf(user);
    expect(keys).toHaveLength(2);
    expect(keys).toContainEqual({ accessKeyId: one, isActive: false });
    expect(keys).toContainEqual({ accessKeyId: other, isActive: true });
  });

  test("a key is deleted once; then it is gone", async () => {
    const { accessKeys, user, one, other } = await withKeys();
    expect(await accessKeys.remove(user, one)).toBe("deleted");
    expect(await accessKeys.remove(user, one)).toBe("gone");
    expect(await accessKeys.deactivate(user, one)).toBe("gone");
    expect(await accessKeys.keysOf(user)).toEqual([{ accessKeyId: other, isActive: true }]);
  });

  test("another user's key is gone, as far as this one is concerned", async () => {
    const [mine, others] = [await withKeys(), await withKeys()];
    expect(await made.accessKeys.deactivate(mine.user, others.one)).toBe("gone");
    expect(await made.accessKeys.remove(mine.user, others.one)).toBe("gone");
    expect(await made.accessKeys.keysOf(others.user)).toContainEqual({ accessKeyId: others.one, isActive: true });
  });

  test("a user whom nobody knows has nothing", async () => {
    const { accessKeys, unknown } = made;
    const [user, gone] = ["nobody", "gone"];
    expect([await accessKeys.deactivate(user, unknown), await accessKeys.remove(user, unknown)]).toEqual([gone, gone]);
    expect(await accessKeys.denySessions(user, NOW)).toBe("gone");
    expect([await accessKeys.keysOf(user), await accessKeys.policiesOf(user)]).toEqual([undefined, undefined]);
  });

  test("a user's managed policies are named", async () => {
    const { accessKeys, user, attach } = await withKeys();
    expect(await accessKeys.policiesOf(user)).toEqual([]);
    await attach(user, "AWSCompromisedKeyQuarantineV3");
    expect(await accessKeys.policiesOf(user)).toEqual(["AWSCompromisedKeyQuarantineV3"]);
  });

  test("sessions are denied until a moment, and the next call says until when anew", async () => {
    const { accessKeys, user, deniedUntil } = await withKeys();
    expect(await deniedUntil(user)).toBeUndefined();
    for (const until of [NOW, NOW + 1500]) {
      expect(await accessKeys.denySessions(user, until)).toBe("denied");
      expect(await deniedUntil(user)).toBe(until);
    }
  });
}
