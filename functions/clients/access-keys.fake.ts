import { type AccessKeys, DENY_SESSIONS_POLICY, type KeyOwner, type LastUse, type ListedKey } from "./access-keys.ts";

/** An IAM user in memory. */
export interface FakeUser {
  keys: ListedKey[];
  /** The names of the managed policies that are attached to him. */
  attached: string[];
  /** His inline policies: until when what was issued before is denied, in milliseconds since 1970. */
  inline: Map<string, number>;
}

/**
 * IAM and STS in memory.
 *
 * @returns with `users` by name; `strangers`, keys that are nobody's of them: the root user's and those of other accounts;
 *   `lags`, so many lists of keys as they were say what was before the next change; `failing`, what the next call of a
 *   name throws, until it is taken out
 */
export function fakeAccessKeys(): AccessKeys & {
  users: Map<string, FakeUser>;
  strangers: Map<string, KeyOwner>;
  lastUses: Map<string, LastUse>;
  failing: Map<keyof AccessKeys, Error>;
  lags: number;
  addUser(name: string, ...accessKeyIds: string[]): FakeUser;
} {
  const users = new Map<string, FakeUser>();
  const strangers = new Map<string, KeyOwner>();
  const lastUses = new Map<string, LastUse>();
  const failing = new Map<keyof AccessKeys, Error>();
  /** Keys of users as they were before they were changed. */
  const before = new Map<string, ListedKey[]>();

  function check(call: keyof AccessKeys): void {
    const error = failing.get(call);
    if (error !== undefined) throw error;
  }

  /** Changes a user's keys; false where he, or the key, is not there. */
  function change(user: string, accessKeyId: string, to: (keys: ListedKey[]) => ListedKey[]): boolean {
    const found = users.get(user);
    if (!found?.keys.some((key) => key.accessKeyId === accessKeyId)) return false;
    before.set(user, found.keys);
    found.keys = to(found.keys);
    return true;
  }

  const fake = {
    ...{ users, strangers, lastUses, failing, lags: 0 },

    addUser(name: string, ...accessKeyIds: string[]) {
      const keys = accessKeyIds.map((accessKeyId) => ({ accessKeyId, isActive: true }));
      const user: FakeUser = { keys, attached: [], inline: new Map() };
      users.set(name, user);
      return user;
    },

    async whose(accessKeyId: string) {
      check("whose");
      const lastUse = lastUses.get(accessKeyId);
      const used = lastUse && { lastUse };
      for (const [user, { keys }] of users) {
        if (keys.some((key) => key.accessKeyId === accessKeyId)) return { owner: "USER" as const, user, ...used };
      }
      return { ...(strangers.get(accessKeyId) ?? { owner: "NOBODY" as const }), ...used };
    },

    async deactivate(user: string, accessKeyId: string) {
      check("deactivate");
      const isDone = change(user, accessKeyId, (keys) =>
        keys.map((key) => (key.accessKeyId === accessKeyId ? { ...key, isActive: false } : key)),
      );
      return isDone ? ("deactivated" as const) : ("gone" as const);
    },

    async remove(user: string, accessKeyId: string) {
      check("remove");
      const isDone = change(user, accessKeyId, (keys) => keys.filter((key) => key.accessKeyId !== accessKeyId));
      return isDone ? ("deleted" as const) : ("gone" as const);
    },

    async keysOf(user: string) {
      check("keysOf");
      const found = users.get(user);
      if (found === undefined) return undefined;
      const former = before.get(user);
      if (fake.lags === 0 || former === undefined) return structuredClone(found.keys);
      fake.lags -= 1;
      return structuredClone(former);
    },

    async policiesOf(user: string) {
      check("policiesOf");
      const found = users.get(user);
      return found && [...found.attached];
    },

    async denySessions(user: string, until: number) {
      check("denySessions");
      const found = users.get(user);
      if (found === undefined) return "gone" as const;
      found.inline.set(DENY_SESSIONS_POLICY, until);
      return "denied" as const;
    },
  };
  return fake;
}
