import { createRequire } from "node:module";
import { readJson, readTarget, writeJson, writeJsonError } from "../http/json.ts";
import { AwsError, type Question, type RawRequest, type RawResponse, type RawService } from "../http/service.ts";
import { ResourceAttributes } from "../iam/resource-attributes.ts";
import type { KeyUse, Parts } from "../parts.ts";
import { ACCOUNT, arnOf, REGION } from "../place.ts";
import { LaggingIndexes } from "./lagging-indexes.ts";
import { type DataInput, leadingKeys } from "./leading-keys.ts";
import { refuseWhatIsIgnored } from "./refused.ts";

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
interface TableInput {
  TableName: string;
  SSESpecification?: { Enabled?: boolean; KMSMasterKeyId?: string };
}
interface Keyed {
  IndexName?: string;
  KeySchema: { AttributeName: string; KeyType: string }[];
}
type TableSchema = Keyed & { GlobalSecondaryIndexes?: Keyed[]; LocalSecondaryIndexes?: Keyed[] };
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

/**
 * What DynamoDB does with a table's key for whoever reads or writes items: by the documentation of KMS it has the table
 * key decrypted, on the caller's behalf. GenerateDataKey, CreateGrant and DescribeKey it says of the making of a table,
 * Encrypt and ReEncrypt of no call; that they stand in AWS's example policies does not make a call need them.
 */
const KEY_OPERATIONS = ["Decrypt"];

/** DynamoDB: dynalite's operations, called in process, without its server. */
export class DynamoDb implements RawService {
  readonly signingName = "dynamodb";
  readonly #parts: Parts;
  readonly #store: DynaliteStore;
  readonly #folder: string | undefined;
  readonly #lagging: LaggingIndexes | undefined;
  readonly #keys: KeyUse | undefined;
  readonly #attributes: ResourceAttributes;
  /** By table and index, as long as no table changes. */
  readonly #partitionKeys = new Map<string, string>();

  /** @param folder where the tables lie; without it they are in memory only; @param keys without it no table has one */
  constructor(parts: Parts, folder?: string, keys?: KeyUse) {
    this.#parts = parts;
    this.#keys = keys;
    this.#attributes = new ResourceAttributes(parts);
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
      const input = readJson(request.body) as TableInput;
      return writeJson(await this.#heedKey(readTarget(request), input), "1.0");
    } catch (error) {
      const told = awsErrorOf(error);
      if (told === undefined) throw error;
      return writeJsonError(told, "1.0");
    }
  }

  /** Does an operation. A key of the customer's encrypts nothing here, but whoever uses the table needs the right to it. */
  async #heedKey(operation: string, input: TableInput): Promise<unknown> {
    const { SSESpecification: given, ...rest } = input;
    const named = operation === "CreateTable" && given?.Enabled === true ? given.KMSMasterKeyId : undefined;
    const keyArn = named && this.#keys?.arnOf(named);
    const output = await this.#call(operation, keyArn ? rest : input);
    if (/^(Create|Update|Delete)Table$/.test(operation)) this.#partitionKeys.clear();
    if (/^(Create|Delete)Table$/.test(operation)) this.#attributes.putKey(tableArn(input.TableName), keyArn);
    return output;
  }

  /** The table or index of a call, and the partition keys that it names. */
  async needs(operation: string, request: RawRequest): Promise<readonly Question[] | undefined> {
    const input = readJson(request.body) as DataInput;
    const { TableName, IndexName } = input;
    if (typeof TableName !== "string" || !OPERATIONS.includes(operation)) return undefined;
    const resource = tableArn(TableName) + (IndexName === undefined ? "" : `/index/${IndexName}`);
    const context = { "dynamodb:LeadingKeys": await this.#leadingKeys(operation, input) };
    const own = { action: `dynamodb:${operation}`, resource, context };
    const keyArn = operation.endsWith("Table") ? undefined : this.#attributes.keyOf(tableArn(TableName));
    return [own, ...((keyArn && this.#keys?.through("dynamodb", keyArn, KEY_OPERATIONS)) || [])];
  }

  async #leadingKeys(operation: string, input: DataInput): Promise<string[] | undefined> {
    try {
      const partitionKey = await this.#partitionKey(input);
      const read = operation === "Query" ? (checked(this.#store, operation, input) as DataInput) : input;
      return leadingKeys(operation, read, partitionKey);
    } catch {
      return undefined; // A call that cannot be read, or of a table that is not there, fails for that, once it is allowed.
    }
  }

  async #partitionKey({ TableName, IndexName = "" }: DataInput): Promise<string> {
    const place = `${TableName}/${IndexName}`;
    let name = this.#partitionKeys.get(place);
    if (name === undefined) {
      const { Table } = (await this.#call("DescribeTable", { TableName })) as { Table: TableSchema };
      const indexes = [...(Table.GlobalSecondaryIndexes ?? []), ...(Table.LocalSecondaryIndexes ?? [])];
      const { KeySchema } = indexes.find((index) => index.IndexName === IndexName) ?? Table;
      name = KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName ?? "";
      this.#partitionKeys.set(place, name);
    }
    return name;
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

function tableArn(name: string): string {
  return arnOf("dynamodb", `table/${name}`);
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
