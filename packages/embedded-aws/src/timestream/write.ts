import { readInput } from "../http/input.ts";
import { AwsError } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { completeRecord, type TimedRecord, WRITE_RECORDS } from "./record.ts";
import type { Column, Table, Tables } from "./tables.ts";

const NS_PER_MS = 1_000_000n;
const HOUR_MS = 3_600_000;
/** How far into the future Timestream takes records. */
const AHEAD_MS = 15 * 60_000;

/** Why a record is not taken. */
interface Rejection {
  Reason: string;
  ExistingVersion?: number;
}

/** Takes records. A series is what has the same dimensions and measure name; in it there is one record a moment. */
export class Writer {
  readonly #parts: Parts;
  readonly #tables: Tables;

  constructor(parts: Parts, tables: Tables) {
    this.#parts = parts;
    this.#tables = tables;
    parts.store.db.exec(`
      CREATE TABLE IF NOT EXISTS timestream_series (id INTEGER PRIMARY KEY, tableId INTEGER NOT NULL,
        dimensions TEXT NOT NULL, measureName TEXT NOT NULL, UNIQUE (tableId, dimensions, measureName));
      CREATE TABLE IF NOT EXISTS timestream_dimensions (tableId INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
        seriesId INTEGER NOT NULL, PRIMARY KEY (tableId, name, value, seriesId)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS timestream_records (seriesId INTEGER NOT NULL, time INTEGER NOT NULL,
        version INTEGER NOT NULL, measures TEXT NOT NULL, PRIMARY KEY (seriesId, time)) WITHOUT ROWID`);
  }

  /** @throws AwsError RejectedRecordsException (HTTP 419) that lists those not taken; the others are */
  writeRecords(input: unknown): unknown {
    const { DatabaseName, TableName, Records, CommonAttributes } = readInput(WRITE_RECORDS, input);
    const table = this.#tables.find(DatabaseName, TableName);
    const records = Records.map((sent) => completeRecord(sent, CommonAttributes));
    const rejected = this.#parts.store.transaction(() =>
      records.flatMap((record, RecordIndex) => {
        const rejection = this.#write(table, record);
        return rejection === undefined ? [] : [{ RecordIndex, ...rejection }];
      }),
    );
    if (rejected.length > 0) {
      const message = "One or more records have been rejected. See RejectedRecords for details.";
      throw new AwsError("RejectedRecordsException", message, 419, { RejectedRecords: rejected });
    }
    return { RecordsIngested: { Total: records.length, MemoryStore: records.length, MagneticStore: 0 } };
  }

  #write(table: Table, record: TimedRecord): Rejection | undefined {
    const rejection = this.#outOfTime(table, record.time) ?? this.#addColumns(table, record);
    if (rejection !== undefined) return rejection;
    const { db } = this.#parts.store;
    const seriesId = this.#seriesOf(table, record);
    const measures = `{${record.measures.map(({ name, json }) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
    const existing = db
      .prepare("SELECT version, measures FROM timestream_records WHERE seriesId = ? AND time = ?")
      .get(seriesId, record.time);
    if (existing !== undefined && existing.measures !== measures && record.version <= Number(existing.version)) {
      const ExistingVersion = Number(existing.version);
      const higher = "A higher version is required to update the measure value.";
      const Reason = `The record version ${record.version} is lower than or equal to the existing version ${ExistingVersion}. ${higher}`;
      return { Reason, ExistingVersion };
    }
    db.prepare(
      `INSERT INTO timestream_records VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET version = max(version, excluded.version), measures = excluded.measures`,
    ).run(seriesId, record.time, record.version, measures);
    const oldest = BigInt(this.#parts.clock.now() - table.magneticDays * 24 * HOUR_MS) * NS_PER_MS;
    db.prepare("DELETE FROM timestream_records WHERE seriesId = ? AND time < ?").run(seriesId, oldest);
    return undefined;
  }

  #outOfTime(table: Table, time: bigint): Rejection | undefined {
    const now = this.#parts.clock.now();
    const from = now - table.memoryHours * HOUR_MS;
    const to = now + AHEAD_MS;
    if (time >= BigInt(from) * NS_PER_MS && time < BigInt(to) * NS_PER_MS) return undefined;
    const range = `[${new Date(from).toISOString()}, ${new Date(to).toISOString()})`;
    return { Reason: `The record timestamp is outside the time range ${range} of the memory store.` };
  }

  #addColumns(table: Table, record: TimedRecord): Rejection | undefined {
    const known = new Map(this.#tables.columns(table).map((column) => [column.name, column]));
    const brought: Column[] = [
      ...record.dimensions.map(([name]): Column => ({ name, kind: "dimension", type: "VARCHAR" })),
      ...record.measures.map(({ name, type }): Column => ({ name, kind: "measure", type })),
    ];
    for (const { name, kind, type } of brought) {
      const column = known.get(name);
      if (column !== undefined && (column.kind !== kind || column.type !== type)) {
        return {
          Reason: `The table has '${name}' as a ${column.kind} of the type ${column.type}; it cannot be another.`,
        };
      }
    }
    for (const column of brought) if (!known.has(column.name)) this.#tables.addColumn(table, column);
    return undefined;
  }

  #seriesOf(table: Table, { dimensions, measureName }: TimedRecord): number {
    const { db } = this.#parts.store;
    const json = JSON.stringify(Object.fromEntries(dimensions));
    const known = db
      .prepare("SELECT id FROM timestream_series WHERE tableId = ? AND dimensions = ? AND measureName = ?")
      .get(table.id, json, measureName);
    if (known !== undefined) return Number(known.id);
    const made = db
      .prepare("INSERT INTO timestream_series (tableId, dimensions, measureName) VALUES (?, ?, ?)")
      .run(table.id, json, measureName);
    const id = Number(made.lastInsertRowid);
    const addDimension = db.prepare("INSERT INTO timestream_dimensions VALUES (?, ?, ?, ?)");
    for (const [name, value] of dimensions) addDimension.run(table.id, name, value, id);
    return id;
  }
}
