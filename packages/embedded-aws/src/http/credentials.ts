import { createHash } from "node:crypto";
import type { Parts } from "../parts.ts";
import type { Principal } from "./service.ts";

interface Row {
  secretAccessKey: string;
  sessionToken: string | null;
  kind: Principal["kind"];
  arn: string;
  userId: string;
  issuedAt: number | null;
  expiresAt: number | null;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** What somebody signs with; temporary where there is a token. */
export interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** An access key that is known, and who signs with it. */
export interface KnownKey {
  principal: Principal;
  secretAccessKey: string;
  sessionToken?: string;
  /** In milliseconds since 1970; nothing where it does not end. */
  expiresAt?: number;
}

/** The access keys that may be signed with, and who each of them is. */
export class Credentials {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.store.db.exec(`CREATE TABLE IF NOT EXISTS credentials (
      accessKeyId TEXT PRIMARY KEY, secretAccessKey TEXT NOT NULL, sessionToken TEXT,
      kind TEXT NOT NULL, arn TEXT NOT NULL, userId TEXT NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS credential_sessions (
      accessKeyId TEXT PRIMARY KEY, issuedAt INTEGER NOT NULL, expiresAt INTEGER) WITHOUT ROWID`);
  }

  /**
   * Gives `principal` an access key, which stays valid when the process starts again.
   *
   * @param options `temporary`: with a session token, as roles have it; a given ID or secret is used as it is;
   *   `expiresAt`: when temporary ones end, in milliseconds since 1970
   */
  issue(
    principal: Principal,
    options: { temporary: boolean; accessKeyId?: string; secretAccessKey?: string; expiresAt?: number },
  ): AccessKey {
    const { random, store, clock } = this.#parts;
    const accessKeyId = options.accessKeyId ?? `${options.temporary ? "ASIA" : "AKIA"}${letters(random(16))}`;
    const secretAccessKey = options.secretAccessKey ?? random(30).toString("base64");
    const sessionToken = options.temporary ? random(96).toString("base64") : undefined;
    store.db
      .prepare("INSERT OR REPLACE INTO credentials VALUES (?, ?, ?, ?, ?, ?)")
      .run(accessKeyId, secretAccessKey, sessionToken ?? null, principal.kind, principal.arn, principal.userId);
    if (options.temporary) {
      store.db
        .prepare("INSERT OR REPLACE INTO credential_sessions VALUES (?, ?, ?)")
        .run(accessKeyId, clock.now(), options.expiresAt ?? null);
    }
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  }

  /** Has a key no longer be known, until it is issued again. */
  revoke(accessKeyId: string): void {
    this.#parts.store.db.prepare("DELETE FROM credentials WHERE accessKeyId = ?").run(accessKeyId);
  }

  /** The same with all keys of somebody, those of his sessions too. */
  revokeAllOf(arn: string): void {
    this.#parts.store.db.prepare("DELETE FROM credentials WHERE arn = ?").run(arn);
  }

  /** The temporary credentials of somebody who needs but one: in each process new ones under the same ID. */
  issueFor(principal: Principal): AccessKey {
    const accessKeyId = `ASIA${letters(createHash("sha256").update(principal.arn).digest().subarray(0, 16))}`;
    return this.issue(principal, { temporary: true, accessKeyId });
  }

  find(accessKeyId: string): KnownKey | undefined {
    const row = this.#parts.store.db
      .prepare("SELECT * FROM credentials LEFT JOIN credential_sessions USING (accessKeyId) WHERE accessKeyId = ?")
      .get(accessKeyId) as Row | undefined;
    if (row === undefined) return undefined;
    const { kind, arn, userId, secretAccessKey, sessionToken, issuedAt, expiresAt } = row;
    return {
      principal: { kind, arn, userId, ...(issuedAt !== null && { issuedAt }) },
      secretAccessKey,
      ...(sessionToken !== null && { sessionToken }),
      ...(expiresAt !== null && { expiresAt }),
    };
  }
}

function letters(bytes: Buffer): string {
  return Array.from(bytes, (byte) => LETTERS.charAt(byte % LETTERS.length)).join("");
}
