import { createRequire } from "node:module";
import { readJson, readTarget, writeJson, writeJsonError } from "../http/json.ts";
import { AwsError, type Question, type RawRequest, type RawResponse, type RawService } from "../http/service.ts";
import type { KeyUse, Parts } from "../parts.ts";
import { ACCOUNT, arnOf, REGION } from "../place.ts";
import { LaggingIndexes } from "./lagging-indexes.ts";
import { type DataInput, leadingKeys } from "./leading-keys.ts";
import { refuseWhatIsIgnored } from "./refused.ts";
import { TableKeys } from "./table-keys.ts";

/** What dynalite's own server does its work with; it has no types of its own. */
interface DynaliteStore {
  db: { open(): Promise<void>; close(): Promise<void> };
  tableDb: { awsAccountId: string; awsRegion: string; del(name: string, done: (error: unknown) => void): void };
}
interface Dynalite {
  create(options: object): DynaliteStore;
}
interface Validations {
  checkTypes(input: unknown, types: unknown): unknown;
  checkValidations(input: unknown, types: unknown, custom: unknown, store: DynaliteStore): void;
}
type KeySchema = { AttributeName: string; KeyType: string }[];
interface TableSchema {
  KeySchema: KeySchema;
  GlobalSecondaryIndexes?: { IndexName: string; KeySchema: KeySchema }[];
  LocalSecondaryIndexes?: { IndexName: string; KeySchema: KeySchema }[];
}
type Action = (store: DynaliteStore, input: unknown, done: (error: unknown, output: unknown) => void) => void;

const load = createRequire(import.meta.url);
const dynalite: Dynalite = load("dynalite/db");
const validations: Validations = load("dynalite/validations");

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
  readonly #lagging: LaggingIndexes | undefined;

  readonly #keys: TableKeys;

  /** @param folder where the tables lie; without it they are in memory only */
  constructor(parts: Parts, folder?: string, keys?: KeyUse) {
    this.#parts = parts;
    this.#keys = new TableKeys(parts, keys);
    this.#folder = folder;
    // Tables are there at once: nothing here depends on how long AWS takes for them.
    const atOnce = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
    this.#store = dynalite.create(folder === undefined ? atOnce : { ...atOnce, path: folder });
    this.#store.tableDb.awsAccountId = ACCOUNT;
    this.#store.tableDb.awsRegion = REGION;
    if (parts.faults !== undefined) {
      const behind = dynalite.create(atOnce);
      this.#lagging = new LaggingIndexes(parts, {
        table: (operation, input) => perform(this.#store, operation, input),
        indexes: (operation, input) => perform(behind, operation, input),
        open: () => behind.db.open(),
      });
    }
  }

  /** @throws Error with one sentence when the folder cannot be used, e.g. because another process does */
  async start(): Promise<void> {
    try {
      await this.#store.db.open();
    } catch (error) {
      const why = "it cannot be written, or another process that still runs is using it";
      throw new Error(`The DynamoDB tables in ${this.#folder} cannot be opened: ${why}.`, { cause: error });
    }
    await this.#forgetHalfMadeTables();
    await this.#lagging?.start();
  }

  /** A table that was being made when the process died would never get ready; it is empty, and can be made again. */
  async #forgetHalfMadeTables(): Promise<void> {
    const { TableNames } = (await this.#call("ListTables", {})) as { TableNames: string[] };
    for (const name of TableNames) {
      const { Table } = (await this.#call("DescribeTable", { TableName: name })) as { Table: { TableStatus: string } };
      if (Table.TableStatus !== "CREATING") continue;
      await new Promise<void>((resolve, reject) => {
        this.#store.tableDb.del(name, (error) => (error ? reject(error) : resolve()));
      });
    }
  }

  async close(): Promise<void> {
    this.#lagging?.close();
    await this.#store.db.close();
  }

  async handle(request: RawRequest): Promise<RawResponse> {
    try {
      const input = readJson(request.body) as { TableName: string };
      return writeJson(await this.#heedKey(readTarget(request), input), "1.0");
    } catch (error) {
      const told = awsErrorOf(error);
      if (told === undefined) throw error;
      return writeJsonError(told, "1.0");
    }
  }

  /** Does an operation, and heeds the key of the table that it makes, shows or deletes. */
  async #heedKey(operation: string, input: { TableName: string }): Promise<unknown> {
    const { rest, keyArn } = operation === "CreateTable" ? this.#keys.take(input) : { rest: input, keyArn: undefined };
    const output = (await this.#call(operation, rest)) as Record<string, { TableName: string }>;
    if (keyArn !== undefined) this.#keys.put(input.TableName, keyArn);
    if (operation === "DeleteTable") this.#keys.forget(input.TableName);
    if (!operation.endsWith("Table")) return output;
    return Object.fromEntries(Object.entries(output).map(([name, table]) => [name, this.#keys.described(table)]));
  }

  /** The table or index of a call, and the partition keys that it names. */
  async needs(operation: string, request: RawRequest): Promise<readonly Question[] | undefined> {
    const input = readJson(request.body) as DataInput;
    const { TableName, IndexName } = input;
    if (typeof TableName !== "string" || !OPERATIONS.includes(operation)) return undefined;
    const resource = arnOf("dynamodb", `table/${TableName}${IndexName === undefined ? "" : `/index/${IndexName}`}`);
    const context = { "dynamodb:LeadingKeys": await this.#leadingKeys(operation, input) };
    const own = { action: `dynamodb:${operation}`, resource, context };
    return operation.endsWith("Table") ? [own] : [own, ...this.#keys.needs(TableName)];
  }

  async #leadingKeys(operation: string, input: DataInput): Promise<string[] | undefined> {
    try {
      const schema = await this.#keySchema(input.TableName, input.IndexName);
      const read = operation === "Query" ? (checked(this.#store, operation, input) as DataInput) : input;
      return leadingKeys(read, schema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName ?? "");
    } catch {
      return undefined; // A call that cannot be read, or of a table that is not there, fails for that, once it is allowed.
    }
  }

  async #keySchema(TableName: string | undefined, IndexName: string | undefined): Promise<KeySchema> {
    const { Table } = (await this.#call("DescribeTable", { TableName })) as { Table: TableSchema };
    const indexes = [...(Table.GlobalSecondaryIndexes ?? []), ...(Table.LocalSecondaryIndexes ?? [])];
    return indexes.find((index) => index.IndexName === IndexName)?.KeySchema ?? Table.KeySchema;
  }

  #call(operation: string, input: unknown): Promise<unknown> {
    if (!OPERATIONS.includes(operation)) {
      const message = `The embedded AWS does not know dynamodb's operation '${operation}'.`;
      this.#parts.log(message);
      throw new AwsError("UnknownOperationException", message);
    }
    refuseWhatIsIgnored(input, this.#parts.log);
    const here = () => perform(this.#store, operation, input);
    return this.#lagging === undefined ? here() : this.#lagging.answer(operation, input, here);
  }
}

/** Has dynalite do an operation, with its checks. */
function perform(store: DynaliteStore, operation: string, input: unknown): Promise<unknown> {
  const act: Action = load(`dynalite/actions/${fileOf(operation)}`);
  return new Promise((resolve, reject) => {
    act(store, checked(store, operation, input), (error, output) => (error ? reject(error) : resolve(output)));
  });
}

/** An operation's input as dynalite's actions want it, when it passes dynalite's checks. */
function checked(store: DynaliteStore, operation: string, input: unknown): unknown {
  const { types, custom } = load(`dynalite/validations/${fileOf(operation)}`);
  const typed = validations.checkTypes(input, types);
  validations.checkValidations(typed, types, custom, store);
  return typed;
}

/** What dynalite calls an operation's file. */
function fileOf(operation: string): string {
  return operation.charAt(0).toLowerCase() + operation.slice(1);
}

/** dynalite's errors carry the body that AWS would send. */
function awsErrorOf(error: unknown): AwsError | undefined {
  if (error instanceof AwsError) return error;
  if (!(error instanceof Error) || !("statusCode" in error) || !("body" in error)) return undefined;
  const { __type, message, Message, ...members } = error.body as Record<string, string>;
  const code = __type?.split("#")[1] ?? "InternalServerError";
  return new AwsError(code, message ?? Message ?? "", Number(error.statusCode), members);
}
