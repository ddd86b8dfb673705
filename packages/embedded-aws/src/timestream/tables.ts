import { z } from "zod";
import { readInput } from "../http/input.ts";
import { AwsError } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { arnOf } from "../place.ts";

/** The types of columns that are known here, as Timestream names them. */
export type ScalarType = "VARCHAR" | "BIGINT" | "DOUBLE" | "BOOLEAN" | "TIMESTAMP" | "INTEGER";

export interface Column {
  name: string;
  /** `record`: every record has it (its time and the name of what it measures). */
  kind: "dimension" | "measure" | "record";
  type: ScalarType;
}

export interface Table {
  id: number;
  database: string;
  name: string;
  createdAt: number;
  memoryHours: number;
  magneticDays: number;
}

const NAME = z.string().regex(/^[a-zA-Z0-9_.-]{3,256}$/, "must be 3 to 256 letters, digits, '_', '.' or '-'");
const DATABASE = z.strictObject({ DatabaseName: NAME });
const CREATE_TABLE = z.strictObject({
  DatabaseName: NAME,
  TableName: NAME,
  RetentionProperties: z
    .strictObject({
      MemoryStoreRetentionPeriodInHours: z.int().min(1).max(8766),
      MagneticStoreRetentionPeriodInDays: z.int().min(1).max(73_000),
    })
    .default({ MemoryStoreRetentionPeriodInHours: 6, MagneticStoreRetentionPeriodInDays: 73_000 }),
});

export function tableArn(database: string, table: string): string {
  return arnOf("timestream", `database/${database}/table/${table}`);
}

/** The databases, their tables, and the columns that records have brought into them. */
export class Tables {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.store.db.exec(`
      CREATE TABLE IF NOT EXISTS timestream_databases (name TEXT PRIMARY KEY, createdAt INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS timestream_tables (id INTEGER PRIMARY KEY, database TEXT NOT NULL, name TEXT NOT NULL,
        createdAt INTEGER NOT NULL, memoryHours INTEGER NOT NULL, magneticDays INTEGER NOT NULL, UNIQUE (database, name));
      CREATE TABLE IF NOT EXISTS timestream_columns (tableId INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
        type TEXT NOT NULL, UNIQUE (tableId, name))`);
  }

  createDatabase(input: unknown): unknown {
    const { DatabaseName } = readInput(DATABASE, input);
    const { changes } = this.#parts.store.db
      .prepare("INSERT OR IGNORE INTO timestream_databases VALUES (?, ?)")
      .run(DatabaseName, this.#parts.clock.now());
    if (changes === 0) throw new AwsError("ConflictException", `The database ${DatabaseName} already exists.`);
    return this.#describeDatabase(DatabaseName);
  }

  createTable(input: unknown): unknown {
    const { DatabaseName, TableName, RetentionProperties } = readInput(CREATE_TABLE, input);
    const { MemoryStoreRetentionPeriodInHours: hours, MagneticStoreRetentionPeriodInDays: days } = RetentionProperties;
    this.#demandDatabase(DatabaseName);
    const { changes } = this.#parts.store.db
      .prepare(
        `INSERT OR IGNORE INTO timestream_tables (database, name, createdAt, memoryHours, magneticDays)
         VALUES (?, ?, ?, ?, ?)`,
      )
      .run(DatabaseName, TableName, this.#parts.clock.now(), hours, days);
    if (changes === 0) throw new AwsError("ConflictException", `The table ${TableName} already exists.`);
    return this.#describeTable(DatabaseName, TableName);
  }

  #describeDatabase(DatabaseName: string): unknown {
    const createdAt = this.#demandDatabase(DatabaseName);
    const counted = this.#parts.store.db
      .prepare("SELECT count(*) AS tables FROM timestream_tables WHERE database = ?")
      .get(DatabaseName);
    return {
      Database: {
        Arn: arnOf("timestream", `database/${DatabaseName}`),
        DatabaseName,
        TableCount: counted?.tables,
        CreationTime: createdAt,
        LastUpdatedTime: createdAt,
      },
    };
  }

  #describeTable(DatabaseName: string, TableName: string): unknown {
    const table = this.find(DatabaseName, TableName);
    return {
      Table: {
        Arn: tableArn(DatabaseName, TableName),
        TableName,
        DatabaseName,
        TableStatus: "ACTIVE",
        RetentionProperties: {
          MemoryStoreRetentionPeriodInHours: table.memoryHours,
          MagneticStoreRetentionPeriodInDays: table.magneticDays,
        },
        CreationTime: new Date(table.createdAt),
        LastUpdatedTime: new Date(table.createdAt),
      },
    };
  }

  /** @throws AwsError ResourceNotFoundException */
  find(database: string, name: string): Table {
    this.#demandDatabase(database);
    const table = this.#parts.store.db
      .prepare("SELECT * FROM timestream_tables WHERE database = ? AND name = ?")
      .get(database, name) as Table | undefined;
    if (table === undefined) throw new AwsError("ResourceNotFoundException", `The table ${name} does not exist.`);
    return table;
  }

  /** In the order in which they came. */
  columns(table: Table): Column[] {
    const rows = this.#parts.store.db
      .prepare("SELECT name, kind, type FROM timestream_columns WHERE tableId = ? ORDER BY rowid")
      .all(table.id);
    return rows as unknown as Column[];
  }

  addColumn(table: Table, { name, kind, type }: Column): void {
    this.#parts.store.db
      .prepare("INSERT INTO timestream_columns (tableId, name, kind, type) VALUES (?, ?, ?, ?)")
      .run(table.id, name, kind, type);
  }

  #demandDatabase(name: string): Date {
    const row = this.#parts.store.db.prepare("SELECT createdAt FROM timestream_databases WHERE name = ?").get(name);
    if (row === undefined) throw new AwsError("ResourceNotFoundException", `The database ${name} does not exist.`);
    return new Date(Number(row.createdAt));
  }
}
