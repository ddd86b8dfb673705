import { createHash } from "node:crypto";
import type { Parts } from "../parts.ts";
import type { Principal } from "./service.ts";

interface Row {
  secretAccessKey: string;
  sessionToken: string | null;
  kind: Principal["kind"];
  arn: string;
  userId: string;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** What somebody signs with; temporary where there is a token. */
export interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The access keys that the embedded AWS knows, and who each of them is. */
export class Credentials {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.store.db.exec(`CREATE TABLE IF NOT EXISTS credentials (
      accessKeyId TEXT PRIMARY KEY, secretAccessKey TEXT NOT NULL, sessionToken TEXT,
      kind TEXT NOT NULL, arn TEXT NOT NULL, userId TEXT NOT NULL) WITHOUT ROWID`);
  }

  /**
   * Gives `principal` an access key, which stays valid when the process starts again.
   *
   * @param options `temporary`: with a session token, as roles have it; a given ID or secret is used as it is
   */
  issue(
    principal: Principal,
    options: { temporary: boolean; accessKeyId?: string; secretAccessKey?: string },
  ): AccessKey {
    const random = this.#parts.random;
    const accessKeyId = options.accessKeyId ?? `${options.temporary ? "ASIA" : "AKIA"}${letters(random(16))}`;
    const secretAccessKey = options.secretAccessKey ?? random(30).toString("base64");
    const sessionToken = options.temporary ? random(96).toString("base64") : undefined;
    this.#parts.store.db
      .prepare("INSERT OR REPLACE INTO credentials VALUES (?, ?, ?, ?, ?, ?)")
      .run(accessKeyId, secretAccessKey, sessionToken ?? null, principal.kind, principal.arn, principal.userId);
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  }

  /** The temporary credentials of somebody who needs but one: in each process new ones under the same ID. */
  issueFor(principal: Principal): AccessKey {
    const accessKeyId = `ASIA${letters(createHash("sha256").update(principal.arn).digest().subarray(0, 16))}`;
    return this.issue(principal, { temporary: true, accessKeyId });
  }

  find(accessKeyId: string): { principal: Principal; secretAccessKey: string; sessionToken?: string } | undefined {
    const row = this.#parts.store.db.prepare("SELECT * FROM credentials WHERE accessKeyId = ?").get(accessKeyId) as
      | Row
      | undefined;
    if (row === undefined) return undefined;
    const { kind, arn, userId, secretAccessKey, sessionToken } = row;
    return { principal: { kind, arn, userId }, secretAccessKey, ...(sessionToken !== null && { sessionToken }) };
  }
}

function letters(bytes: Buffer): string {
  return Array.from(bytes, (byte) => LETTERS.charAt(byte % LETTERS.length)).join("");
}
