import type { Store } from "../store.ts";
import type { Branch, Execution, ExecutionRecord, HistoryEvent, Status } from "./execution.ts";

const COLUMNS = [
  ...["arn", "name", "machineArn", "type", "roleArn", "definition", "container", "status", "input", "output", "error"],
  ...["cause", "started", "stopped", "deadline", "mapRunArn", "item", "parent", "parentBranch", "parentAttempt"],
  ...["versionArn", "aliasArn"],
] as const;

/** Which executions to list, newest first. */
export interface ExecutionFilter {
  /** All that have this in that column. */
  by: "machineArn" | "versionArn" | "aliasArn" | "mapRunArn";
  arn: string;
  status?: Status;
  /** Only those that were stored before this one. */
  before?: number;
  limit: number;
}

/** Executions, their branches while they are open, and their histories. */
export class ExecutionsStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.db.exec(`
      CREATE TABLE IF NOT EXISTS sfn_executions (
        id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL, machineArn TEXT NOT NULL,
        type TEXT NOT NULL, roleArn TEXT NOT NULL, definition INTEGER NOT NULL, container TEXT NOT NULL,
        status TEXT NOT NULL, input TEXT NOT NULL, output TEXT, error TEXT, cause TEXT, started INTEGER NOT NULL,
        stopped INTEGER, deadline INTEGER, mapRunArn TEXT, item TEXT, parent INTEGER, parentBranch INTEGER,
        parentAttempt INTEGER);
      CREATE INDEX IF NOT EXISTS sfn_executions_machine ON sfn_executions (machineArn, id);
      CREATE INDEX IF NOT EXISTS sfn_executions_map_run ON sfn_executions (mapRunArn, id) WHERE mapRunArn IS NOT NULL;
      CREATE INDEX IF NOT EXISTS sfn_executions_open ON sfn_executions (id) WHERE status = 'RUNNING';
      CREATE TABLE IF NOT EXISTS sfn_branches (
        execution INTEGER NOT NULL, branch INTEGER NOT NULL, data TEXT NOT NULL,
        PRIMARY KEY (execution, branch)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS sfn_history (
        execution INTEGER NOT NULL, first INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (execution, first));
    `);
    // Folders of 0.1.0 are without these.
    const columns = store.db.prepare("SELECT name FROM pragma_table_info('sfn_executions')").all();
    for (const column of ["versionArn", "aliasArn"].filter((name) => !columns.some((one) => one.name === name))) {
      store.db.exec(`ALTER TABLE sfn_executions ADD COLUMN ${column} TEXT`);
    }
  }

  /** Stores a new execution and returns its ID. */
  insert(record: Omit<ExecutionRecord, "id">): number {
    const marks = COLUMNS.map(() => "?").join(", ");
    const insert = this.#store.db.prepare(`INSERT INTO sfn_executions (${COLUMNS.join(", ")}) VALUES (${marks})`);
    return Number(insert.run(...COLUMNS.map((column) => record[column])).lastInsertRowid);
  }

  /** Stores what a step has changed, all or nothing. */
  save(execution: Execution): void {
    const { record, changed, removed, events } = execution;
    this.#store.transaction(() => {
      if (events.length > 0) {
        this.#store.db
          .prepare("INSERT INTO sfn_history (execution, first, events) VALUES (?, ?, ?)")
          .run(...[record.id, events[0]?.id ?? 0, JSON.stringify(events)]);
      }
      if (record.status !== "RUNNING") {
        const { status, output, error, cause, stopped, id } = record;
        this.#store.db
          .prepare("UPDATE sfn_executions SET status = ?, output = ?, error = ?, cause = ?, stopped = ? WHERE id = ?")
          .run(status, output, error, cause, stopped, id);
        this.#store.db.prepare("DELETE FROM sfn_branches WHERE execution = ?").run(id);
        return;
      }
      const replace = this.#store.db.prepare("REPLACE INTO sfn_branches (execution, branch, data) VALUES (?, ?, ?)");
      for (const branch of changed) {
        if (!removed.has(branch.id)) replace.run(record.id, branch.id, JSON.stringify(branch));
      }
      const remove = this.#store.db.prepare("DELETE FROM sfn_branches WHERE execution = ? AND branch = ?");
      for (const id of removed) remove.run(record.id, id);
    });
  }

  find(arn: string): ExecutionRecord | undefined {
    return this.#store.db.prepare("SELECT * FROM sfn_executions WHERE arn = ?").get(arn) as ExecutionRecord | undefined;
  }

  get(id: number): ExecutionRecord | undefined {
    return this.#store.db.prepare("SELECT * FROM sfn_executions WHERE id = ?").get(id) as ExecutionRecord | undefined;
  }

  open(): ExecutionRecord[] {
    const rows = this.#store.db.prepare("SELECT * FROM sfn_executions WHERE status = 'RUNNING' ORDER BY id").all();
    return rows as unknown as ExecutionRecord[];
  }

  list(filter: ExecutionFilter): ExecutionRecord[] {
    const status = filter.status === undefined ? "" : "AND status = ?";
    const values = [filter.arn, filter.before ?? Number.MAX_SAFE_INTEGER];
    const rows = this.#store.db
      .prepare(`SELECT * FROM sfn_executions WHERE ${filter.by} = ? AND id < ? ${status} ORDER BY id DESC LIMIT ?`)
      .all(...values, ...(filter.status === undefined ? [] : [filter.status]), filter.limit);
    return rows as unknown as ExecutionRecord[];
  }

  branches(execution: number): Branch[] {
    const rows = this.#store.db
      .prepare("SELECT data FROM sfn_branches WHERE execution = ? ORDER BY branch")
      .all(execution);
    return rows.map((row) => JSON.parse(String(row.data)) as Branch);
  }

  /** The events of an execution with IDs from `from` to `to`. */
  history(execution: number, from = 1, to = Number.MAX_SAFE_INTEGER): HistoryEvent[] {
    const rows = this.#store.db
      .prepare(
        `SELECT events FROM sfn_history WHERE execution = ?1 AND first <= ?3 AND first >=
         (SELECT max(first) FROM sfn_history WHERE execution = ?1 AND first <= max(?2, 1)) ORDER BY first`,
      )
      .all(execution, from, to);
    const events = rows.flatMap((row) => JSON.parse(String(row.events)) as HistoryEvent[]);
    return events.filter(({ id }) => id >= from && id <= to);
  }

  /** The ID of the newest event, without reading the history. */
  newestEvent(execution: number): number {
    const row = this.#store.db
      .prepare("SELECT events FROM sfn_history WHERE execution = ? ORDER BY first DESC LIMIT 1")
      .get(execution);
    return row === undefined ? 0 : ((JSON.parse(String(row.events)) as HistoryEvent[]).at(-1)?.id ?? 0);
  }
}
