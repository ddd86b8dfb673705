import { createHash } from "node:crypto";
import { AwsError } from "../http/service.ts";
import type { Parts } from "../parts.ts";

/** One version of a document. */
export interface DocumentVersion {
  name: string;
  version: number;
  content: string;
  /** Milliseconds since 1970. */
  created: number;
  /** Lower-case hexadecimal SHA-256 of the content. */
  hash: string;
}

/**
 * Documents in the store, with all their versions. As on AWS, a new version is not the default one until somebody makes it
 * that, which nobody can here: the first stays it.
 */
export class DocumentStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.store.db.exec(
      `CREATE TABLE IF NOT EXISTS ssm_documents (
         name TEXT NOT NULL, version INTEGER NOT NULL, content TEXT NOT NULL, created INTEGER NOT NULL,
         hash TEXT NOT NULL, PRIMARY KEY (name, version)) STRICT`,
    );
  }

  /** Adds a document, or a version of it. */
  add(name: string, content: string): DocumentVersion {
    const version = (this.latest(name)?.version ?? 0) + 1;
    const hash = createHash("sha256").update(content).digest("hex");
    const created = this.#parts.clock.now();
    const statement = this.#parts.store.db.prepare("INSERT INTO ssm_documents VALUES (?, ?, ?, ?, ?)");
    statement.run(name, version, content, created, hash);
    return { name, version, content, created, hash };
  }

  latest(name: string): DocumentVersion | undefined {
    const statement = this.#parts.store.db.prepare("SELECT * FROM ssm_documents WHERE name = ? ORDER BY version DESC");
    return statement.get(name) as DocumentVersion | undefined;
  }

  /** The latest version of each document, by name. */
  all(): DocumentVersion[] {
    const names = this.#parts.store.db.prepare("SELECT DISTINCT name FROM ssm_documents ORDER BY name").all();
    return names.flatMap(({ name }) => this.latest(name as string) ?? []);
  }

  /**
   * @param version a number, `$DEFAULT` or `$LATEST`
   * @throws AwsError InvalidDocument, InvalidDocumentVersion
   */
  known(name: string, version = "$DEFAULT"): DocumentVersion {
    const latest = this.latest(name);
    if (latest === undefined) throw new AwsError("InvalidDocument", `Document with name ${name} does not exist.`);
    if (version === "$LATEST") return latest;
    const statement = this.#parts.store.db.prepare("SELECT * FROM ssm_documents WHERE name = ? AND version = ?");
    const found = statement.get(name, version === "$DEFAULT" ? 1 : Number(version)) as DocumentVersion | undefined;
    if (found !== undefined) return found;
    throw new AwsError("InvalidDocumentVersion", `Document ${name} has no version ${version}.`);
  }
}
