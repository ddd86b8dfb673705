import type { Parts } from "../parts.ts";
import type { CommandStatus, InvocationStatus } from "./status.ts";

/** What chooses instances: their tag (`tag:KEY`) or their ID (`InstanceIds`) is one of the values. */
export interface Target {
  Key?: string;
  Values?: string[];
}

/** A command as it was sent. */
export interface Command {
  id: string;
  documentName: string;
  documentVersion: number;
  comment: string;
  instanceIds: string[];
  /** What chose the instances, where they were not named. */
  targets?: Target[];
  timeoutSeconds: number;
  maxConcurrency: string;
  maxErrors: string;
  /** Milliseconds since 1970. */
  requested: number;
  /** When it expires altogether. */
  expires: number;
  status: CommandStatus;
}

/** A command on one instance. */
export interface CommandInvocation {
  commandId: string;
  instanceId: string;
  requested: number;
  status: InvocationStatus;
  responseCode: number;
  started: number | null;
  ended: number | null;
  stdout: string;
  stderr: string;
}

interface CommandRow {
  sequence: number;
  body: string;
  status: CommandStatus;
}

/** One page of a list, newest first, and what to ask for the next one with. */
export interface Page<T> {
  items: T[];
  next?: string;
}

/** Commands and their invocations in the store. */
export class CommandStore {
  readonly #db: Parts["store"]["db"];

  constructor({ store }: Parts) {
    this.#db = store.db;
    this.#db.exec(
      `CREATE TABLE IF NOT EXISTS ssm_commands (
         sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, status TEXT NOT NULL,
         body TEXT NOT NULL) STRICT;
       CREATE TABLE IF NOT EXISTS ssm_invocations (
         sequence INTEGER PRIMARY KEY AUTOINCREMENT, commandId TEXT NOT NULL, instanceId TEXT NOT NULL,
         requested INTEGER NOT NULL, status TEXT NOT NULL, responseCode INTEGER NOT NULL, started INTEGER,
         ended INTEGER, stdout TEXT NOT NULL, stderr TEXT NOT NULL, UNIQUE (commandId, instanceId)) STRICT;
       CREATE INDEX IF NOT EXISTS ssm_open_commands ON ssm_commands (status)
         WHERE status IN ('Pending', 'InProgress')`,
    );
  }

  add(command: Command): void {
    const { status, ...body } = command;
    this.#db
      .prepare("INSERT INTO ssm_commands (id, status, body) VALUES (?, ?, ?)")
      .run(command.id, status, JSON.stringify(body));
    const statement = this.#db.prepare(
      `INSERT INTO ssm_invocations (commandId, instanceId, requested, status, responseCode, stdout, stderr)
         VALUES (?, ?, ?, 'Pending', -1, '', '')`,
    );
    for (const instanceId of command.instanceIds) statement.run(command.id, instanceId, command.requested);
  }

  find(id: string): Command | undefined {
    const row = this.#db.prepare("SELECT * FROM ssm_commands WHERE id = ?").get(id) as CommandRow | undefined;
    return row === undefined ? undefined : commandOf(row);
  }

  /** The IDs of the commands that have not ended, oldest first. */
  open(): string[] {
    const statement = this.#db.prepare(
      "SELECT id FROM ssm_commands WHERE status IN ('Pending', 'InProgress') ORDER BY sequence",
    );
    return statement.all().map((row) => row.id as string);
  }

  list(filter: { commandId?: string; instanceId?: string }, page: { size: number; next?: string }): Page<Command> {
    const rows = this.#db
      .prepare(
        `SELECT * FROM ssm_commands
           WHERE sequence < ?1 AND (?2 IS NULL OR id = ?2)
             AND (?3 IS NULL OR id IN (SELECT commandId FROM ssm_invocations WHERE instanceId = ?3))
           ORDER BY sequence DESC LIMIT ?4`,
      )
      .all(before(page.next), filter.commandId ?? null, filter.instanceId ?? null, page.size + 1);
    return pageOf(rows as unknown as CommandRow[], page.size, commandOf);
  }

  setStatus(id: string, status: CommandStatus): void {
    this.#db.prepare("UPDATE ssm_commands SET status = ? WHERE id = ?").run(status, id);
  }

  invocation(commandId: string, instanceId: string): CommandInvocation | undefined {
    return this.#db
      .prepare("SELECT * FROM ssm_invocations WHERE commandId = ? AND instanceId = ?")
      .get(commandId, instanceId) as CommandInvocation | undefined;
  }

  /** The invocations of a command, in the order of its instances. */
  invocations(commandId: string): CommandInvocation[] {
    return this.#db
      .prepare("SELECT * FROM ssm_invocations WHERE commandId = ? ORDER BY sequence")
      .all(commandId) as unknown as CommandInvocation[];
  }

  listInvocations(
    filter: { commandId?: string; instanceId?: string; after?: number },
    page: { size: number; next?: string },
  ): Page<CommandInvocation> {
    const rows = this.#db
      .prepare(
        `SELECT * FROM ssm_invocations
           WHERE sequence < ?1 AND (?2 IS NULL OR commandId = ?2) AND (?3 IS NULL OR instanceId = ?3)
             AND requested >= ?5
           ORDER BY sequence DESC LIMIT ?4`,
      )
      .all(before(page.next), filter.commandId ?? null, filter.instanceId ?? null, page.size + 1, filter.after ?? 0);
    return pageOf(rows as unknown as (CommandInvocation & { sequence: number })[], page.size, (row) => row);
  }

  update(invocation: CommandInvocation): void {
    const { commandId, instanceId, status, responseCode, started, ended, stdout, stderr } = invocation;
    this.#db
      .prepare(
        `UPDATE ssm_invocations SET status = ?, responseCode = ?, started = ?, ended = ?, stdout = ?, stderr = ?
           WHERE commandId = ? AND instanceId = ?`,
      )
      .run(status, responseCode, started, ended, stdout, stderr, commandId, instanceId);
  }
}

function commandOf({ body, status }: CommandRow): Command {
  return { ...(JSON.parse(body) as Omit<Command, "status">), status };
}

function before(next: string | undefined): number {
  return next === undefined ? Number.MAX_SAFE_INTEGER : Number(next);
}

function pageOf<Row extends { sequence: number }, T>(rows: Row[], size: number, read: (row: Row) => T): Page<T> {
  const items = rows.slice(0, size);
  const last = items.at(-1);
  return { items: items.map(read), ...(rows.length > size && last && { next: String(last.sequence) }) };
}
