import type { Question } from "../http/service.ts";
import type { KeyUse, Parts } from "../parts.ts";

/**
 * What DynamoDB does with a table's key for whoever reads or writes items: by the documentation of KMS it has the table
 * key decrypted, on the caller's behalf. GenerateDataKey, CreateGrant and DescribeKey it says of the making of a table,
 * Encrypt and ReEncrypt of no call; that they stand in AWS's example policies does not make a call need them.
 */
const FOR_DATA = ["Decrypt"];

interface TableInput {
  TableName?: string;
  SSESpecification?: { Enabled?: boolean; SSEType?: string; KMSMasterKeyId?: string };
}

/** Which tables are encrypted with a key of the customer's. Here they are not, but the rights to the key are needed. */
export class TableKeys {
  readonly #db: Parts["store"]["db"];
  readonly #keys: KeyUse | undefined;

  /** @param keys without it no table can have a key */
  constructor({ store }: Parts, keys: KeyUse | undefined) {
    this.#db = store.db;
    this.#keys = keys;
    this.#db.exec("CREATE TABLE IF NOT EXISTS dynamodb_keys (tableName TEXT PRIMARY KEY, keyArn TEXT NOT NULL) STRICT");
  }

  /**
   * Takes out of CreateTable's input what is heeded here: a key of the customer's, by name.
   *
   * @returns the rest, and the key's ARN
   * @throws AwsError NotFoundException when there is no such key
   */
  take<Input extends object>(input: Input): { rest: Input; keyArn?: string } {
    const { SSESpecification: given, ...rest } = input as Input & TableInput;
    if (this.#keys === undefined || given?.Enabled !== true || given.KMSMasterKeyId === undefined)
      return { rest: input };
    return { rest: rest as Input, keyArn: this.#keys.arnOf(given.KMSMasterKeyId) };
  }

  put(tableName: string, keyArn: string): void {
    this.#db.prepare("INSERT OR REPLACE INTO dynamodb_keys VALUES (?, ?)").run(tableName, keyArn);
  }

  forget(tableName: string): void {
    this.#db.prepare("DELETE FROM dynamodb_keys WHERE tableName = ?").run(tableName);
  }

  /** What somebody needs to read or write items of a table, beside the right to the table. */
  needs(tableName: string): Question[] {
    const keyArn = this.#of(tableName);
    return keyArn === undefined ? [] : (this.#keys?.through("dynamodb", keyArn, FOR_DATA) ?? []);
  }

  /** A table's description as DynamoDB shows it, with its key if it has one. */
  described(table: { TableName: string }): object {
    const keyArn = this.#of(table.TableName);
    if (keyArn === undefined) return table;
    return { ...table, SSEDescription: { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: keyArn } };
  }

  #of(tableName: string): string | undefined {
    const row = this.#db.prepare("SELECT keyArn FROM dynamodb_keys WHERE tableName = ?").get(tableName);
    return row?.keyArn as string | undefined;
  }
}
