import type { Parts } from "../parts.ts";
import { ACCOUNT } from "../place.ts";

/** A user. Times are milliseconds since 1970. */
export interface User {
  name: string;
  /** `AIDA` and letters and digits. */
  id: string;
  createdAt: number;
}

/** A long-term access key of a user. */
export interface UserKey {
  accessKeyId: string;
  userName: string;
  secretAccessKey: string;
  isActive: boolean;
  createdAt: number;
  /** When and for what it was used last, if it ever was. */
  use?: { at: number; service: string; region: string };
}

interface KeyRow extends Omit<UserKey, "isActive" | "use"> {
  isActive: number;
  usedAt: number | null;
  usedService: string | null;
  usedRegion: string | null;
}

/** The ARN of a user, whether or not there is one of that name. */
export function userArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:user/${name}`;
}

/** The users, their access keys and their policies, in the store. */
export class UserStore {
  readonly #db: Parts["store"]["db"];

  constructor({ store }: Parts) {
    this.#db = store.db;
    this.#db.exec(`
      CREATE TABLE IF NOT EXISTS iam_users (
        name TEXT PRIMARY KEY, id TEXT NOT NULL, createdAt INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS iam_access_keys (
        accessKeyId TEXT PRIMARY KEY, userName TEXT NOT NULL, secretAccessKey TEXT NOT NULL, isActive INTEGER NOT NULL,
        createdAt INTEGER NOT NULL, usedAt INTEGER, usedService TEXT, usedRegion TEXT) STRICT;
      CREATE INDEX IF NOT EXISTS iam_access_keys_by_user ON iam_access_keys (userName);
      CREATE TABLE IF NOT EXISTS iam_user_policies (
        userName TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (userName, name)) STRICT;
      CREATE TABLE IF NOT EXISTS iam_attached_policies (
        userName TEXT NOT NULL, arn TEXT NOT NULL, PRIMARY KEY (userName, arn)) STRICT`);
  }

  add({ name, id, createdAt }: User): void {
    this.#db.prepare("INSERT INTO iam_users VALUES (?, ?, ?)").run(name, id, createdAt);
  }

  find(name: string): User | undefined {
    return this.#db.prepare("SELECT * FROM iam_users WHERE name = ?").get(name) as User | undefined;
  }

  names(): string[] {
    return this.#db
      .prepare("SELECT name FROM iam_users")
      .all()
      .map(({ name }) => String(name));
  }

  remove(name: string): void {
    this.#db.prepare("DELETE FROM iam_users WHERE name = ?").run(name);
  }

  addKey({ accessKeyId, userName, secretAccessKey, createdAt }: UserKey): void {
    this.#db
      .prepare("INSERT INTO iam_access_keys VALUES (?, ?, ?, 1, ?, NULL, NULL, NULL)")
      .run(accessKeyId, userName, secretAccessKey, createdAt);
  }

  findKey(accessKeyId: string): UserKey | undefined {
    const row = this.#db.prepare("SELECT * FROM iam_access_keys WHERE accessKeyId = ?").get(accessKeyId);
    return row && keyOf(row as unknown as KeyRow);
  }

  /** A user's keys, the oldest first. */
  keysOf(userName: string): UserKey[] {
    const ask = this.#db.prepare("SELECT * FROM iam_access_keys WHERE userName = ? ORDER BY createdAt, accessKeyId");
    return (ask.all(userName) as unknown as KeyRow[]).map(keyOf);
  }

  setActive(accessKeyId: string, isActive: boolean): void {
    this.#db
      .prepare("UPDATE iam_access_keys SET isActive = ? WHERE accessKeyId = ?")
      .run(Number(isActive), accessKeyId);
  }

  /** Notes a use of a long-term key; of what is none, nothing. */
  noteUse(accessKeyId: string, { at, service, region }: NonNullable<UserKey["use"]>): void {
    const set = "UPDATE iam_access_keys SET usedAt = ?, usedService = ?, usedRegion = ? WHERE accessKeyId = ?";
    this.#db.prepare(set).run(at, service, region, accessKeyId);
  }

  removeKey(accessKeyId: string): void {
    this.#db.prepare("DELETE FROM iam_access_keys WHERE accessKeyId = ?").run(accessKeyId);
  }

  putPolicy(userName: string, name: string, document: string): void {
    this.#db.prepare("INSERT OR REPLACE INTO iam_user_policies VALUES (?, ?, ?)").run(userName, name, document);
  }

  /** A user's inline policies, by name. */
  policiesOf(userName: string): { name: string; document: string }[] {
    const ask = this.#db.prepare("SELECT name, document FROM iam_user_policies WHERE userName = ? ORDER BY name");
    return ask.all(userName) as unknown as { name: string; document: string }[];
  }

  /** @returns whether there was one */
  removePolicy(userName: string, name: string): boolean {
    const remove = this.#db.prepare("DELETE FROM iam_user_policies WHERE userName = ? AND name = ?");
    return remove.run(userName, name).changes > 0;
  }

  attach(userName: string, arn: string): void {
    this.#db.prepare("INSERT OR IGNORE INTO iam_attached_policies VALUES (?, ?)").run(userName, arn);
  }

  /** The ARNs of the managed policies that a user has. */
  attachedTo(userName: string): string[] {
    const ask = this.#db.prepare("SELECT arn FROM iam_attached_policies WHERE userName = ? ORDER BY arn");
    return ask.all(userName).map(({ arn }) => String(arn));
  }

  /** @returns whether it was attached */
  detach(userName: string, arn: string): boolean {
    const remove = this.#db.prepare("DELETE FROM iam_attached_policies WHERE userName = ? AND arn = ?");
    return remove.run(userName, arn).changes > 0;
  }
}

function keyOf({ isActive, usedAt, usedService, usedRegion, ...key }: KeyRow): UserKey {
  const use = usedAt === null ? undefined : { at: usedAt, service: usedService ?? "", region: usedRegion ?? "" };
  return { ...key, isActive: isActive === 1, ...(use && { use }) };
}
