import { createRequire } from "node:module";
import { setImmediate } from "node:timers/promises";
import { ACCOUNT, REGION } from "../place.ts";
import { type Item, itemFault, keyFault, type Table, type WithKeys } from "./keys.ts";
import { projectionFault, type WithAttributes } from "./projections.ts";
import { changesNothing, refuseWhatIsIgnored, type Shapes } from "./refused.ts";

/** What dynalite's own server does its work with; it has no types of its own. */
interface DynaliteStore {
  db: {
    open(): Promise<void>;
    close(): Promise<void>;
    keys(options: object): LevelIterator;
    values(options: object): LevelIterator;
  };
  tableDb: {
    awsAccountId: string;
    awsRegion: string;
    put(name: string, table: object, done: Done): void;
  };
  getTable(name: string, inUse: false, done: (error: unknown, table: Table) => void): void;
}
interface LevelIterator {
  close(): Promise<void>;
  return?: () => Promise<void>;
}
type Done = (error?: unknown) => void;
interface Dynalite {
  create(options: object): DynaliteStore;
  validationError(message: string): Error;
  updateIndexes(store: DynaliteStore, table: Table, before: Item | null, after: Item | null, done: Done): void;
}
/** What dynalite's checks make of an input. */
type Checked = WithKeys & WithAttributes & { TableName?: string };
interface Validations {
  checkTypes(input: unknown, types: Shapes): Checked;
  checkValidations(input: unknown, types: unknown, custom: unknown, store: DynaliteStore): void;
}
type Action = (store: DynaliteStore, input: unknown, done: (error: unknown, output: unknown) => void) => void;

const load = createRequire(import.meta.url);
const dynalite: Dynalite = load("dynalite/db");
const validations: Validations = load("dynalite/validations");

// What an update makes of an item is known only here: after its expression was evaluated, before anything is written.
const { updateIndexes } = dynalite;
dynalite.updateIndexes = (store, table, before, after, done) => {
  const fault = after === null ? undefined : itemFault(table, after, "updated");
  if (fault !== undefined) return done(dynalite.validationError(fault));
  return updateIndexes(store, table, before, after, done);
};

/** A set of dynalite's tables, and its operations upon them, which are called in process. */
export class Tables {
  readonly #store: DynaliteStore;
  readonly #log: (sentence: string) => void;
  /** Tables whose keys and indexes were read before, which each call is held against; a change of tables forgets all. */
  readonly #known = new Map<string, Table>();

  /** @param folder where the tables lie; without it they are in memory only */
  constructor(log: (sentence: string) => void, folder?: string) {
    this.#log = log;
    // Nothing here depends on how long AWS takes for tables.
    const atOnce = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
    this.#store = dynalite.create(folder === undefined ? atOnce : { ...atOnce, path: folder });
    this.#store.tableDb.awsAccountId = ACCOUNT;
    this.#store.tableDb.awsRegion = REGION;
    closeIterators(this.#store.db);
  }

  /** What was under way when the process died is ended: a half-made table is empty, and goes like a half-deleted one. */
  async open(): Promise<void> {
    await this.#store.db.open();
    const { TableNames } = (await this.perform("ListTables", {})) as { TableNames: string[] };
    for (const name of TableNames) {
      const table = await this.#table(name);
      const { TableStatus } = table;
      if (TableStatus === "ACTIVE") continue;
      await new Promise<void>((resolve, reject) => {
        const active = { ...table, TableStatus: "ACTIVE" };
        this.#store.tableDb.put(name, active, (error) => (error ? reject(error) : resolve()));
      });
      if (TableStatus !== "UPDATING") await this.perform("DeleteTable", { TableName: name });
    }
  }

  close(): Promise<void> {
    return this.#store.db.close();
  }

  /** Does an operation, with dynalite's checks and those that it lacks. Rejects with dynalite's errors, or an AwsError. */
  async perform(operation: string, input: unknown): Promise<unknown> {
    if (operation === "UpdateTable" && changesNothing(input)) {
      const { TableName } = input as { TableName: unknown };
      const { Table } = (await this.perform("DescribeTable", { TableName })) as { Table: Table };
      return { TableDescription: Table };
    }
    const checked = this.checked(operation, input);
    const { TableName = "" } = checked;
    if (checked.Item || checked.Key || checked.ExclusiveStartKey || checked.KeyConditions || checked.IndexName) {
      // A table that is not there the operation itself refuses, in its own words.
      const table = await this.#knownTable(TableName).catch(() => undefined);
      const fault = table && (keyFault(table, checked) ?? projectionFault(table, checked));
      if (fault !== undefined) throw dynalite.validationError(fault);
    }
    const act: Action = load(`dynalite/actions/${fileOf(operation)}`);
    const answer = new Promise((resolve, reject) => {
      act(this.#store, checked, (error, output) => (error ? reject(error) : resolve(output)));
    });
    if (!/^(Create|Update|Delete)Table$/.test(operation)) return answer;
    // dynalite's answer goes on changing while the table does.
    const first = structuredClone(await answer);
    await this.#settled(TableName);
    this.#known.clear();
    return first;
  }

  /** An operation's input as dynalite's actions want it, when it passes dynalite's checks. */
  checked(operation: string, input: unknown): Checked {
    const { types, custom } = load(`dynalite/validations/${fileOf(operation)}`);
    // dynalite heeds this member of a Scan, but its list of them lacks it.
    const shapes: Shapes = operation === "Scan" ? { ...types, ConsistentRead: "Boolean" } : types;
    refuseWhatIsIgnored(input, shapes, this.#log);
    const checked = validations.checkTypes(input, shapes);
    validations.checkValidations(checked, shapes, custom, this.#store);
    return checked;
  }

  /** dynalite answers before a table is ready, or gone; here nobody has to wait for that. */
  async #settled(name: string): Promise<void> {
    for (;;) {
      const table = await this.#table(name).catch(() => undefined);
      if (table === undefined || table.TableStatus === "ACTIVE") return;
      await setImmediate();
    }
  }

  async #knownTable(name: string): Promise<Table> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const table = await this.#table(name);
    // One that is being made, changed or deleted is soon another.
    if (table.TableStatus === "ACTIVE") this.#known.set(name, table);
    return table;
  }

  #table(name: string): Promise<Table> {
    return new Promise((resolve, reject) => {
      this.#store.getTable(name, false, (error, table) => (error ? reject(error) : resolve(table)));
    });
  }
}

/**
 * dynalite ends what it reads by `return`, which the iterators of level do not have: none would ever be closed, and each holds a
 * view of the database as it was, for as long as the process lives.
 */
function closeIterators(db: DynaliteStore["db"]): void {
  for (const name of ["keys", "values"] as const) {
    const make = db[name].bind(db);
    db[name] = (options) => {
      const iterator = make(options);
      iterator.return = () => iterator.close();
      return iterator;
    };
  }
}

/** What dynalite calls an operation's file. */
function fileOf(operation: string): string {
  return operation.charAt(0).toLowerCase() + operation.slice(1);
}
