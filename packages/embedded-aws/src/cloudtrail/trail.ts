import type { SignedCall } from "../http/dispatcher.ts";
import type { Parts } from "../parts.ts";
import { isManagement, type KeptCall, keptCall, userNameOf } from "./record.ts";

/** How long calls are collected before they are written: it must not slow the calls themselves. */
const COLLECT_MS = 500;
const MOST_COLLECTED = 500;
const KEPT_MS = 90 * 24 * 3_600_000;

/** By what calls may be looked up, and the column that has it. */
export const ATTRIBUTES = { AccessKeyId: "accessKeyId", EventName: "name", Username: "userName" } as const;

/** Which calls are looked up: those from a time on and before another, in milliseconds since 1970. */
export interface Look {
  attribute?: { key: keyof typeof ATTRIBUTES; value: string };
  from?: number;
  before?: number;
  /** The place of the last call of the page before. */
  after?: Place;
  most: number;
}

/** Where a call stands among the others. */
export interface Place {
  at: number;
  id: number;
}

/** The history of calls, in the store. */
export class Trail {
  readonly #parts: Parts;
  readonly #delayMs: number;
  #collected: KeptCall[] = [];
  #cancel: (() => void) | undefined;

  /** @param delayMs for how long a call is not shown yet */
  constructor(parts: Parts, delayMs = 0) {
    this.#parts = parts;
    this.#delayMs = delayMs;
    parts.store.db.exec(`
      CREATE TABLE IF NOT EXISTS cloudtrail_events (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, accessKeyId TEXT NOT NULL, name TEXT NOT NULL,
        userName TEXT NOT NULL, body TEXT NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS cloudtrail_events_by_time ON cloudtrail_events (at);
      CREATE INDEX IF NOT EXISTS cloudtrail_events_by_key ON cloudtrail_events (accessKeyId, at)`);
  }

  /** Keeps a call, if it is of those that are kept. It is written within half a second. */
  note(call: SignedCall): void {
    if (!isManagement(call)) return;
    this.#collected.push(keptCall(call));
    if (this.#collected.length >= MOST_COLLECTED) this.#write();
    else this.#cancel ??= this.#parts.clock.after(COLLECT_MS, () => this.#write());
  }

  /** The calls that are asked for, the newest first. */
  look({ attribute, from = 0, before = Number.MAX_SAFE_INTEGER, after, most }: Look): (Place & { call: KeptCall })[] {
    this.#write();
    const now = this.#parts.clock.now();
    const column = attribute && ATTRIBUTES[attribute.key];
    const place = after ?? { at: Number.MAX_SAFE_INTEGER, id: 0 };
    const rows = this.#parts.store.db
      .prepare(
        `SELECT id, at, body FROM cloudtrail_events WHERE at >= ? AND at < ? AND at <= ? AND (at, id) < (?, ?)
         ${column ? `AND ${column} = ?` : ""} ORDER BY at DESC, id DESC LIMIT ?`,
      )
      .all(
        ...[Math.max(from, now - KEPT_MS), before, now - this.#delayMs, place.at, place.id],
        ...(attribute ? [attribute.value] : []),
        most,
      );
    return rows.map(({ id, at, body }) => ({ id: Number(id), at: Number(at), call: JSON.parse(String(body)) }));
  }

  close(): void {
    this.#write();
  }

  #write(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#collected.length === 0) return;
    const rows = this.#collected.map((call) => [
      ...[call.at, call.accessKeyId, call.operation, userNameOf(call.principal), JSON.stringify(call)],
    ]);
    this.#collected = [];
    const { store, clock } = this.#parts;
    store.db
      .prepare(
        `INSERT INTO cloudtrail_events (at, accessKeyId, name, userName, body)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)`,
      )
      .run(JSON.stringify(rows));
    store.db.prepare("DELETE FROM cloudtrail_events WHERE at < ?").run(clock.now() - KEPT_MS);
  }
}
