import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** Told of each transaction of the store, right before its commit and right after it. */
export type OnCommit = (moment: "before" | "after") => void;

/** How many prepared statements are kept, more than there are; queries of Timestream are of any number of forms. */
const STATEMENTS_KEPT = 500;

/** Prepares a statement once: the same few are run again and again, and to read one takes longer than to run it. */
class Database extends DatabaseSync {
  readonly #prepared = new Map<string, StatementSync>();

  override prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = super.prepare(sql);
      if (this.#prepared.size >= STATEMENTS_KEPT) this.#prepared.clear();
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}

/**
 * Everything that the embedded AWS must still know after its process died, in one SQLite file: each service makes its
 * own tables in it. What was committed survives the death of the process (not the loss of power).
 */
export class Store {
  readonly db: DatabaseSync;
  readonly #onCommit: OnCommit;
  #depth = 0;

  /** @param folder where the file lies, made if it is not there; without it everything is in memory only */
  constructor(folder?: string, onCommit: OnCommit = () => {}) {
    this.#onCommit = onCommit;
    // For its owner alone: KMS keeps its keys in the file.
    if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.db = new Database(folder === undefined ? ":memory:" : join(folder, "aws.sqlite"));
    // In write-ahead mode without syncing, a commit is one write to the page cache, which outlives the process.
    this.db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  }

  /** Runs `work`, which must be synchronous, so that either all of its writes stay or none. May be nested. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.db.exec("BEGIN IMMEDIATE");
    this.#depth += 1;
    try {
      const result = work();
      this.#onCommit("before");
      this.db.exec("COMMIT");
      this.#onCommit("after");
      return result;
    } catch (error) {
      this.db.exec("ROLLBACK");
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  close(): void {
    this.db.close();
  }
}
