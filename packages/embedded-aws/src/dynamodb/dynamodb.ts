import { readJson, readTarget, writeJson, writeJsonError } from "../http/json.ts";
import { AwsError, type Question, type RawRequest, type RawResponse, type RawService } from "../http/service.ts";
import { ResourceAttributes } from "../iam/resource-attributes.ts";
import type { KeyUse, Parts } from "../parts.ts";
import { arnOf } from "../place.ts";
import { LaggingIndexes } from "./lagging-indexes.ts";
import { type DataInput, leadingKeys } from "./leading-keys.ts";
import { Tables } from "./tables.ts";

interface TableInput {
  TableName: string;
  SSESpecification?: { Enabled?: boolean; KMSMasterKeyId?: string };
}
interface Keyed {
  IndexName?: string;
  KeySchema: { AttributeName: string; KeyType: string }[];
}
type TableSchema = Keyed & { GlobalSecondaryIndexes?: Keyed[]; LocalSecondaryIndexes?: Keyed[] };

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
  readonly #tables: Tables;
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
    this.#tables = new Tables(parts.log, folder);
    if (parts.faults !== undefined) this.#lagging = new LaggingIndexes(parts, this.#tables);
  }

  /** @throws Error with one sentence when the folder cannot be used, e.g. because another process does */
  async start(): Promise<void> {
    try {
      await this.#tables.open();
    } catch (error) {
      const why = "it cannot be written, or another process that still runs is using it";
      throw new Error(`The DynamoDB tables in ${this.#folder} cannot be opened: ${why}.`, { cause: error });
    }
    await this.#lagging?.start();
  }

  async close(): Promise<void> {
    await this.#lagging?.close();
    await this.#tables.close();
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
      const read = operation === "Query" ? (this.#tables.checked(operation, input) as DataInput) : input;
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

  async #call(operation: string, input: unknown): Promise<unknown> {
    if (!OPERATIONS.includes(operation)) {
      const message = `The embedded AWS does not know dynamodb's operation '${operation}'.`;
      this.#parts.log(message);
      throw new AwsError("UnknownOperationException", message);
    }
    const perform = () => this.#tables.perform(operation, input);
    return this.#lagging === undefined ? perform() : this.#lagging.answer(operation, input, perform);
  }
}

function tableArn(name: string): string {
  return arnOf("dynamodb", `table/${name}`);
}

/** dynalite's errors carry the body that AWS would send. */
function awsErrorOf(error: unknown): AwsError | undefined {
  if (error instanceof AwsError) return error;
  if (!(error instanceof Error) || !("statusCode" in error) || !("body" in error)) return undefined;
  const { __type, message, Message, ...members } = error.body as Record<string, string>;
  const code = __type?.split("#")[1] ?? "InternalServerError";
  return new AwsError(code, message ?? Message ?? "", Number(error.statusCode), members);
}
