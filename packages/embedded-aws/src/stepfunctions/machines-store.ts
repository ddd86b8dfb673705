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

/** A version: a state machine as it was when the version was published. Its ARN ends in its number. */
export interface VersionRecord {
  arn: string;
  number: number;
  description: string;
  /** Milliseconds since 1970. */
  created: number;
  machine: MachineRecord;
}

/** An alias, which names one version. Its ARN ends in its name. */
export interface AliasRecord {
  arn: string;
  description: string;
  versionArn: string;
  /** Milliseconds since 1970. */
  created: number;
}

/** What an execution is started of, and which version and alias it was asked for by. */
export interface StartableMachine extends MachineRecord {
  versionArn: string | null;
  aliasArn: string | null;
}

const COLUMNS = ["arn", "name", "type", "roleArn", "definition", "revisionId", "created", "updated"] as const;

/**
 * State machines, with their versions and aliases, and all revisions of their definitions, since executions keep the one
 * that they began with.
 */
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
      CREATE TABLE IF NOT EXISTS sfn_versions (
        arn TEXT PRIMARY KEY, machineArn TEXT NOT NULL, number INTEGER NOT NULL, description TEXT NOT NULL,
        created INTEGER NOT NULL, machine TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS sfn_aliases (
        arn TEXT PRIMARY KEY, description TEXT NOT NULL, versionArn TEXT NOT NULL, created INTEGER NOT NULL) STRICT;
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

  /** What an ARN starts: a machine as it is, or, by the ARN of a version or an alias, as it was then. */
  startable(arn: string): StartableMachine | undefined {
    const alias = this.alias(arn);
    const version = this.version(alias?.versionArn ?? arn);
    if (version !== undefined) return { ...version.machine, versionArn: version.arn, aliasArn: alias?.arn ?? null };
    const machine = this.find(arn);
    return machine && { ...machine, versionArn: null, aliasArn: null };
  }

  addVersion({ arn, number, description, created, machine }: VersionRecord): void {
    const insert = this.#db.prepare("INSERT INTO sfn_versions VALUES (?, ?, ?, ?, ?, ?)");
    insert.run(arn, machine.arn, number, description, created, JSON.stringify(machine));
  }

  version(arn: string): VersionRecord | undefined {
    return this.#db.prepare("SELECT * FROM sfn_versions WHERE arn = ?").all(arn).map(versionOf)[0];
  }

  /** Versions of a machine, newest first, of those with a lower number than `before`. */
  versions(machineArn: string, before: number, limit: number): VersionRecord[] {
    const sql = "SELECT * FROM sfn_versions WHERE machineArn = ? AND number < ? ORDER BY number DESC LIMIT ?";
    return this.#db.prepare(sql).all(machineArn, before, limit).map(versionOf);
  }

  putAlias({ arn, description, versionArn, created }: AliasRecord): void {
    this.#db.prepare("REPLACE INTO sfn_aliases VALUES (?, ?, ?, ?)").run(arn, description, versionArn, created);
  }

  alias(arn: string): AliasRecord | undefined {
    return this.#db.prepare("SELECT * FROM sfn_aliases WHERE arn = ?").get(arn) as AliasRecord | undefined;
  }

  /** Machines by ARN, from the one after `after`. */
  list(after: string, limit: number): MachineRecord[] {
    const rows = this.#db.prepare("SELECT * FROM sfn_machines WHERE arn > ? ORDER BY arn LIMIT ?").all(after, limit);
    return rows as unknown as MachineRecord[];
  }
}

function versionOf(row: Record<string, unknown>): VersionRecord {
  return { ...(row as unknown as VersionRecord), machine: JSON.parse(String(row.machine)) as MachineRecord };
}
