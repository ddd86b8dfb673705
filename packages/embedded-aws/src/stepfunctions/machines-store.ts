import type { Store } from "../store.ts";

/** A state machine as it is stored. */
export interface MachineRecord {
  arn: string;
  name: string;
  type: "STANDARD" | "EXPRESS";
  roleArn: string;
  /** The revision of its definition. */
  definition: number;
  revisionId: string;
  /** Milliseconds since 1970. */
  created: number;
  updated: number;
  /** As given at creation, JSON texts: what is logged and traced changes nothing here. */
  logging: string | null;
  tracing: string | null;
}

const COLUMNS = ["arn", "name", "type", "roleArn", "definition", "revisionId", "created", "updated"] as const;

/** State machines and all revisions of their definitions, since executions keep the one that they began with. */
export class MachinesStore {
  readonly #db: Store["db"];

  constructor(store: Store) {
    this.#db = store.db;
    this.#db.exec(`
      CREATE TABLE IF NOT EXISTS sfn_machines (
        arn TEXT PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, roleArn TEXT NOT NULL,
        definition INTEGER NOT NULL, revisionId TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
        logging TEXT, tracing TEXT);
      CREATE TABLE IF NOT EXISTS sfn_definitions (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL);
    `);
  }

  /** Stores a definition and returns its revision. */
  addDefinition(text: string): number {
    return Number(this.#db.prepare("INSERT INTO sfn_definitions (text) VALUES (?)").run(text).lastInsertRowid);
  }

  definition(id: number): string {
    const row = this.#db.prepare("SELECT text FROM sfn_definitions WHERE id = ?").get(id);
    if (row === undefined) throw new Error(`The definition with the number ${id} is not in the store.`);
    return String(row.text);
  }

  put(machine: MachineRecord): void {
    const columns = [...COLUMNS, "logging", "tracing"] as const;
    const marks = columns.map(() => "?").join(", ");
    const values = columns.map((column) => machine[column]);
    this.#db.prepare(`REPLACE INTO sfn_machines (${columns.join(", ")}) VALUES (${marks})`).run(...values);
  }

  find(arn: string): MachineRecord | undefined {
    return this.#db.prepare("SELECT * FROM sfn_machines WHERE arn = ?").get(arn) as MachineRecord | undefined;
  }

  /** Machines by ARN, from the one after `after`. */
  list(after: string, limit: number): MachineRecord[] {
    const rows = this.#db.prepare("SELECT * FROM sfn_machines WHERE arn > ? ORDER BY arn LIMIT ?").all(after, limit);
    return rows as unknown as MachineRecord[];
  }
}
