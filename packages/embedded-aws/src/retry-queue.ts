import type { Parts } from "./parts.ts";

/** Work in a queue, as its worker sees it. */
export interface QueuedItem<T> {
  id: number;
  body: T;
  /** How often it was tried before. */
  attempts: number;
  /** When it was put in, in milliseconds since 1970. */
  since: number;
}

interface Row {
  id: number;
  due: number;
  attempts: number;
  since: number;
  body: string;
}

/** How many items are under way at once. */
const CONCURRENCY = 64;
/** When an item is tried again whose worker failed without having decided. */
const AFTER_DEFECT_MS = 60_000;

/**
 * Work that must not be lost: kept in the store until its worker removes it, and tried again when the worker says so or
 * when the process died in the middle. Items are begun in the order in which they are due.
 */
export class RetryQueue<T> {
  readonly #parts: Parts;
  readonly #table: string;
  readonly #work: (item: QueuedItem<T>) => Promise<void>;
  readonly #underWay = new Set<number>();
  #timer: { due: number; cancel: () => void } | undefined;
  #started = false;

  /**
   * @param table the queue's table in the store, made if it is not there
   * @param work does an item and then calls `remove` or `retry` for it
   */
  constructor(parts: Parts, table: string, work: (item: QueuedItem<T>) => Promise<void>) {
    this.#parts = parts;
    this.#table = table;
    this.#work = work;
    parts.store.db.exec(
      `CREATE TABLE IF NOT EXISTS ${table} (
         id INTEGER PRIMARY KEY AUTOINCREMENT, due INTEGER NOT NULL, attempts INTEGER NOT NULL,
         since INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
       CREATE INDEX IF NOT EXISTS ${table}_by_due ON ${table} (due, id)`,
    );
  }

  /** Begins to work, with what a former process left. */
  start(): void {
    this.#started = true;
    this.#arm();
  }

  /** Puts an item in, as part of the transaction that is open, if one is. */
  add(body: T): void {
    const now = this.#parts.clock.now();
    this.#parts.store.db
      .prepare(`INSERT INTO ${this.#table} (due, attempts, since, body) VALUES (?, 0, ?, ?)`)
      .run(now, now, JSON.stringify(body));
    this.#armAt(now);
  }

  remove(id: number): void {
    this.#parts.store.db.prepare(`DELETE FROM ${this.#table} WHERE id = ?`).run(id);
  }

  /** Has the item tried again `ms` milliseconds from now. */
  retry(id: number, ms: number): void {
    this.#parts.store.db
      .prepare(`UPDATE ${this.#table} SET due = ?, attempts = attempts + 1 WHERE id = ?`)
      .run(this.#parts.clock.now() + ms, id);
  }

  /** Stops beginning items; those under way must not touch the store any more, which their worker sees to. */
  close(): void {
    this.#started = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const row = this.#waiting(1)[0];
    if (row !== undefined) this.#armAt(row.due);
  }

  #armAt(due: number): void {
    if (!this.#started || (this.#timer !== undefined && this.#timer.due <= due)) return;
    this.#timer?.cancel();
    const cancel = this.#parts.clock.after(due - this.#parts.clock.now(), () => {
      this.#timer = undefined;
      this.#begin();
    });
    this.#timer = { due, cancel };
  }

  #begin(): void {
    const now = this.#parts.clock.now();
    for (const row of this.#waiting(CONCURRENCY - this.#underWay.size)) {
      if (row.due > now) break;
      this.#underWay.add(row.id);
      void this.#do({ id: row.id, body: JSON.parse(row.body) as T, attempts: row.attempts, since: row.since });
    }
    if (this.#underWay.size < CONCURRENCY) this.#arm();
  }

  async #do(item: QueuedItem<T>): Promise<void> {
    try {
      await this.#work(item);
    } catch (error) {
      this.#parts.log(`An item of ${this.#table} could not be worked on and is tried again in a minute: ${error}`);
      if (this.#started) this.retry(item.id, AFTER_DEFECT_MS);
    }
    this.#underWay.delete(item.id);
    if (this.#started) this.#arm();
  }

  /** The first items that are not under way, in the order in which they are due. */
  #waiting(count: number): Row[] {
    const rows = this.#parts.store.db
      .prepare(`SELECT id, due, attempts, since, body FROM ${this.#table} ORDER BY due, id LIMIT ?`)
      .all(count + this.#underWay.size) as unknown as Row[];
    return rows.filter((row) => !this.#underWay.has(row.id)).slice(0, count);
  }
}
