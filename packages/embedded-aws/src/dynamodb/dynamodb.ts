import { createRequire } from "node:module";
import { setImmediate } from "node:timers/promises";
import { readJson, readTarget, writeJson, writeJsonError } from "../http/json.ts";
import { AwsError, type Concern, type RawRequest, type RawResponse, type RawService } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { ACCOUNT, arnOf, REGION } from "../place.ts";
import { type Item, itemFault, keyFault, type Table, type WithKeys } from "./keys.ts";
import { refuseWhatIsIgnored, type Shapes } from "./refused.ts";

/** What dynalite's own server does its work with; it has no types of its own. */
interface DynaliteStore {
  db: { open(): Promise<void>; close(): Promise<void> };
  tableDb: {
    awsAccountId: string;
    awsRegion: string;
    put(name: string, table: object, done: Done): void;
  };
  getTable(name: string, inUse: false, done: (error: unknown, table: Table) => void): void;
}
type Done = (error?: unknown) => void;
interface Dynalite {
  create(options: object): DynaliteStore;
  validationError(message: string): Error;
  updateIndexes(store: DynaliteStore, table: Table, before: Item | null, after: Item | null, done: Done): void;
}
interface Validations {
  checkTypes(input: unknown, types: Shapes): WithKeys & { TableName?: string };
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

/** The operations of DynamoDB that are known here. */
export const OPERATIONS = [
  "CreateTable",
  "DeleteTable",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
  "UpdateTable",
];

/** DynamoDB: dynalite's operations, called in process, without its server. */
export class DynamoDb implements RawService {
  readonly signingName = "dynamodb";
  readonly #parts: Parts;
  readonly #store: DynaliteStore;
  readonly #folder: string | undefined;

  /** @param folder where the tables lie; without it they are in memory only */
  constructor(parts: Parts, folder?: string) {
    this.#parts = parts;
    this.#folder = folder;
    // Nothing here depends on how long AWS takes for tables.
    const atOnce = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
    this.#store = dynalite.create(folder === undefined ? atOnce : { ...atOnce, path: folder });
    this.#store.tableDb.awsAccountId = ACCOUNT;
    this.#store.tableDb.awsRegion = REGION;
  }

  /** @throws Error with one sentence when the folder cannot be used, e.g. because another process does */
  async start(): Promise<void> {
    try {
      await this.#store.db.open();
    } catch (error) {
      const why = "it cannot be written, or another process that still runs is using it";
      throw new Error(`The DynamoDB tables in ${this.#folder} cannot be opened: ${why}.`, { cause: error });
    }
    await this.#endWhatWasUnderWay();
  }

  /** What was under way when the process died is ended: a half-made table is empty, and goes like a half-deleted one. */
  async #endWhatWasUnderWay(): Promise<void> {
    const { tableDb } = this.#store;
    const { TableNames } = (await this.#call("ListTables", {})) as { TableNames: string[] };
    for (const name of TableNames) {
      const table = await this.#table(name);
      const { TableStatus } = table;
      if (TableStatus === "ACTIVE") continue;
      await new Promise<void>((resolve, reject) => {
        tableDb.put(name, { ...table, TableStatus: "ACTIVE" }, (error) => (error ? reject(error) : resolve()));
      });
      if (TableStatus !== "UPDATING") await this.#call("DeleteTable", { TableName: name });
    }
  }

  /** dynalite answers before a table is ready, or gone; here nobody has to wait for that. */
  async #settled(name: string): Promise<void> {
    for (;;) {
      const table = await this.#table(name).catch(() => undefined);
      if (table === undefined || table.TableStatus === "ACTIVE") return;
      await setImmediate();
    }
  }

  #table(name: string): Promise<Table> {
    return new Promise((resolve, reject) => {
      this.#store.getTable(name, false, (error, table) => (error ? reject(error) : resolve(table)));
    });
  }

  async close(): Promise<void> {
    await this.#store.db.close();
  }

  async handle(request: RawRequest): Promise<RawResponse> {
    try {
      return writeJson(await this.#call(readTarget(request), readJson(request.body)), "1.0");
    } catch (error) {
      const told = awsErrorOf(error);
      if (told === undefined) throw error;
      return writeJsonError(told, "1.0");
    }
  }

  /** The table of a call that names one, and the partition key of what PutItem puts. */
  async concern(operation: string, request: RawRequest): Promise<Concern> {
    try {
      const input = readJson(request.body) as { TableName: string; Item?: Record<string, { S?: string }> };
      const { TableName } = input;
      const resource = arnOf("dynamodb", `table/${TableName}`);
      if (operation !== "PutItem") return { resource };
      const { KeySchema } = await this.#table(TableName);
      const partitionKey = KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName ?? "";
      const value = input.Item?.[partitionKey]?.S;
      return { resource, ...(value !== undefined && { leadingKeys: [value] }) };
    } catch {
      // A call that cannot be read, or is of a table that is not there, is about nothing that anybody may be allowed.
      return {};
    }
  }

  async #call(operation: string, input: unknown): Promise<unknown> {
    if (!OPERATIONS.includes(operation)) {
      const message = `The embedded AWS does not know dynamodb's operation '${operation}'.`;
      this.#parts.log(message);
      throw new AwsError("UnknownOperationException", message);
    }
    const name = operation.charAt(0).toLowerCase() + operation.slice(1);
    const { types, custom } = load(`dynalite/validations/${name}`);
    // dynalite heeds this member of a Scan, but its list of them lacks it.
    const shapes: Shapes = operation === "Scan" ? { ...types, ConsistentRead: "Boolean" } : types;
    refuseWhatIsIgnored(input, shapes, this.#parts.log);
    const act: Action = load(`dynalite/actions/${name}`);
    const checked = validations.checkTypes(input, shapes);
    validations.checkValidations(checked, shapes, custom, this.#store);
    const { TableName = "" } = checked;
    if (checked.Item || checked.Key || checked.ExclusiveStartKey || checked.KeyConditions) {
      // A table that is not there the operation itself refuses, in its own words.
      const table = await this.#table(TableName).catch(() => undefined);
      const fault = table && keyFault(table, checked);
      if (fault !== undefined) throw dynalite.validationError(fault);
    }
    const answer = new Promise((resolve, reject) => {
      act(this.#store, checked, (error, output) => (error ? reject(error) : resolve(output)));
    });
    if (!/^(Create|Update|Delete)Table$/.test(operation)) return answer;
    // dynalite's answer goes on changing while the table does.
    const first = structuredClone(await answer);
    await this.#settled(TableName);
    return first;
  }
}

/** dynalite's errors carry the body that AWS would send. */
function awsErrorOf(error: unknown): AwsError | undefined {
  if (error instanceof AwsError) return error;
  if (!(error instanceof Error) || !("statusCode" in error) || !("body" in error)) return undefined;
  const { __type, message, Message, ...members } = error.body as Record<string, string>;
  const code = __type?.split("#")[1] ?? "InternalServerError";
  return new AwsError(code, message ?? Message ?? "", Number(error.statusCode), members);
}
