import type { Parts } from "../parts.ts";
import { arnOf } from "../place.ts";
import { Past } from "./past.ts";
import { invalidRequest, notFound } from "./refusals.ts";
import type { Rules } from "./schedule.ts";

/** A secret without its versions. Times are milliseconds since 1970. */
export interface Secret {
  arn: string;
  name: string;
  description?: string;
  /** As it was given; without one, the account's own key for secrets. */
  keyId?: string;
  createdAt: number;
  changedAt: number;
  accessedAt?: number;
  rotatedAt?: number;
  /** When it is gone for good, once it was deleted. */
  goneAt?: number;
  /** How it is rotated, once that was set. */
  rotation?: { enabled: boolean; functionArn: string; rules?: Rules };
  /** When its schedule asks for a rotation next. */
  nextAt?: number;
}

/** A version of a secret; without text and bytes it has a label and no value yet. */
export interface Version {
  id: string;
  createdAt: number;
  accessedAt?: number;
  stages: string[];
  text?: string;
  /** base64 */
  binary?: string;
}

/** A secret and its versions, oldest first. */
export interface Whole {
  secret: Secret;
  versions: Version[];
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HERE = arnOf("secretsmanager", "secret:");

/** The secrets and their versions, in the store. */
export class SecretStore {
  readonly #parts: Parts;
  readonly #past = new Past<Whole>();

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.store.db.exec(`
      CREATE TABLE IF NOT EXISTS secretsmanager_secrets (
        id INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, nextAt INTEGER,
        body TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS secretsmanager_versions (
        arn TEXT NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (arn, position)) STRICT`);
  }

  /** The ARN of a new secret: AWS adds six characters, so that one which is made again is another. */
  newArn(name: string): string {
    const drawn = Array.from(this.#parts.random(6), (byte) => LETTERS.charAt(byte % LETTERS.length));
    return `${HERE}${name}-${drawn.join("")}`;
  }

  /** A secret by its name or ARN, also an ARN without the six characters; as it is now. */
  find(nameOrArn: string): Whole | undefined {
    const name = nameOrArn.startsWith(HERE) ? nameOrArn.slice(HERE.length) : nameOrArn;
    const { db } = this.#parts.store;
    const row =
      db.prepare("SELECT body FROM secretsmanager_secrets WHERE arn = ?").get(nameOrArn) ??
      db.prepare("SELECT body FROM secretsmanager_secrets WHERE name = ?").get(name);
    if (row === undefined) return undefined;
    const secret = JSON.parse(String(row.body)) as Secret;
    if (secret.goneAt === undefined || secret.goneAt > this.#parts.clock.now()) {
      return { secret, versions: this.#versionsOf(secret.arn) };
    }
    this.remove(secret.arn);
    return undefined;
  }

  /** @throws AwsError ResourceNotFoundException; InvalidRequestException for one that was deleted */
  demand(nameOrArn: string): Whole {
    const found = this.find(nameOrArn);
    if (found === undefined) throw notFound("secret");
    if (found.secret.goneAt !== undefined) throw markedForDeletion();
    return found;
  }

  /** A secret as a read shows it, which may be older than what was done. @throws AwsError ResourceNotFoundException */
  seen(nameOrArn: string): Whole {
    const now = this.find(nameOrArn);
    const lag = this.#parts.faults?.lagMs("secrets") ?? 0;
    const seen = now && this.#past.asOf(now.secret.arn, this.#parts.clock.now() - lag, now);
    if (seen === undefined) throw notFound("secret");
    return structuredClone(seen);
  }

  /** A page of the secrets from the one after `position` on, oldest first. */
  list(position: number, count: number): { id: number; secret: Whole }[] {
    const rows = this.#parts.store.db
      .prepare("SELECT id, name FROM secretsmanager_secrets WHERE id > ? ORDER BY id LIMIT ?")
      .all(position, count);
    return rows.flatMap(({ id, name }) => {
      const secret = this.find(String(name));
      return secret === undefined ? [] : [{ id: Number(id), secret }];
    });
  }

  /** The secrets that their schedules ask to rotate, those that are due next first. */
  scheduled(): { arn: string; nextAt: number }[] {
    const rows = this.#parts.store.db
      .prepare("SELECT arn, nextAt FROM secretsmanager_secrets WHERE nextAt IS NOT NULL ORDER BY nextAt")
      .all();
    return rows.map(({ arn, nextAt }) => ({ arn: String(arn), nextAt: Number(nextAt) }));
  }

  /** Keeps a secret and its versions; those that have neither a label nor a value are nothing any more. */
  save({ secret, versions }: Whole): void {
    const { store, clock, faults } = this.#parts;
    store.transaction(() => {
      if (faults !== undefined) this.#past.note(secret.arn, clock.now(), this.find(secret.arn));
      store.db
        .prepare(
          `INSERT INTO secretsmanager_secrets (arn, name, nextAt, body) VALUES (?1, ?2, ?3, ?4)
           ON CONFLICT (arn) DO UPDATE SET nextAt = ?3, body = ?4`,
        )
        .run(secret.arn, secret.name, secret.nextAt ?? null, JSON.stringify(secret));
      store.db.prepare("DELETE FROM secretsmanager_versions WHERE arn = ?").run(secret.arn);
      const insert = store.db.prepare("INSERT INTO secretsmanager_versions VALUES (?, ?, ?)");
      const kept = versions.filter((version) => version.stages.length > 0 || hasValue(version));
      for (const [position, version] of kept.entries()) insert.run(secret.arn, position, JSON.stringify(version));
    });
  }

  remove(arn: string): void {
    this.#parts.store.transaction(() => {
      for (const table of ["secretsmanager_secrets", "secretsmanager_versions"]) {
        this.#parts.store.db.prepare(`DELETE FROM ${table} WHERE arn = ?`).run(arn);
      }
    });
  }

  #versionsOf(arn: string): Version[] {
    const rows = this.#parts.store.db
      .prepare("SELECT body FROM secretsmanager_versions WHERE arn = ? ORDER BY position")
      .all(arn);
    return rows.map(({ body }) => JSON.parse(String(body)) as Version);
  }
}

/** Whether a version holds a value, and not a label alone. */
export function hasValue({ text, binary }: Pick<Version, "text" | "binary">): boolean {
  return text !== undefined || binary !== undefined;
}

export function markedForDeletion(): Error {
  return invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
}
