import type { Parts } from "../parts.ts";
import { Tables } from "./tables.ts";

type Item = Record<string, unknown>;

interface Table {
  TableName: string;
  KeySchema: { AttributeName: string; KeyType: string }[];
}

/** The operations after which the indexes have something to catch up on, and those that make them others. */
const WRITES = ["PutItem", "UpdateItem"];
const CHANGES = ["CreateTable", "UpdateTable", "DeleteTable"];

/**
 * Global secondary indexes that lag behind their tables, as on AWS, where nothing of an index is read consistently: a
 * second set of tables, to which each write comes some time after the first, and which queries of indexes are put to.
 */
export class LaggingIndexes {
  readonly #parts: Parts;
  readonly #tables: Tables;
  readonly #behind: Tables;
  /** The key attributes of the tables that have been copied. */
  readonly #copied = new Map<string, Promise<string[]>>();
  readonly #underWay = new Set<() => void>();

  constructor(parts: Parts, tables: Tables) {
    this.#parts = parts;
    this.#tables = tables;
    this.#behind = new Tables(parts.log);
  }

  start(): Promise<void> {
    return this.#behind.open();
  }

  async close(): Promise<void> {
    for (const cancel of this.#underWay) cancel();
    await this.#behind.close();
  }

  /** Answers a call: a query of an index from the copy, and every other by `here`. */
  async answer(operation: string, input: unknown, here: () => Promise<unknown>): Promise<unknown> {
    const { TableName = "", IndexName } = input as { TableName?: string; IndexName?: string };
    if (operation === "Query" && IndexName !== undefined) {
      await this.#copy(TableName);
      return this.#behind.perform(operation, input);
    }
    if (WRITES.includes(operation)) await this.#copy(TableName);
    const output = await here();
    if (CHANGES.includes(operation)) await this.#forget(TableName);
    if (WRITES.includes(operation)) await this.#catchUp(TableName, input as { Key?: Item; Item?: Item });
    return output;
  }

  /** Brings one item of the copy up to date, after a while. */
  async #catchUp(TableName: string, { Key, Item }: { Key?: Item; Item?: Item }): Promise<void> {
    const names = await this.#copy(TableName);
    const key = Object.fromEntries(names.map((name) => [name, (Key ?? Item)?.[name]]));
    const cancel = this.#parts.clock.after(this.#parts.faults?.lagMs("indexes") ?? 0, () => {
      this.#underWay.delete(cancel);
      this.#tables
        .perform("GetItem", { TableName, Key: key, ConsistentRead: true })
        .then((found) => this.#behind.perform("PutItem", { TableName, Item: (found as { Item: Item }).Item }))
        .catch((error: Error) => this.#parts.log(`An index of ${TableName} could not catch up: ${error.message}`));
    });
    this.#underWay.add(cancel);
  }

  /** Copies a table, unless that has been done. */
  #copy(TableName: string): Promise<string[]> {
    let copied = this.#copied.get(TableName);
    if (copied === undefined) {
      copied = this.#makeCopy(TableName);
      this.#copied.set(TableName, copied);
      copied.catch(() => this.#copied.delete(TableName));
    }
    return copied;
  }

  async #makeCopy(TableName: string): Promise<string[]> {
    const { Table } = (await this.#tables.perform("DescribeTable", { TableName })) as { Table: Table & Item };
    const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes } = Table;
    await this.#behind.perform("CreateTable", {
      ...{ TableName, KeySchema, AttributeDefinitions, BillingMode: "PAY_PER_REQUEST" },
      GlobalSecondaryIndexes: (GlobalSecondaryIndexes as Item[] | undefined)?.map(
        ({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }),
      ),
    });
    let next: Item | undefined;
    do {
      const page = { TableName, ...(next !== undefined && { ExclusiveStartKey: next }) };
      const scanned = (await this.#tables.perform("Scan", page)) as { Items: Item[]; LastEvaluatedKey?: Item };
      for (const Item of scanned.Items) await this.#behind.perform("PutItem", { TableName, Item });
      next = scanned.LastEvaluatedKey;
    } while (next !== undefined);
    return KeySchema.map(({ AttributeName }) => AttributeName);
  }

  async #forget(TableName: string): Promise<void> {
    if (!this.#copied.delete(TableName)) return;
    await this.#behind.perform("DeleteTable", { TableName });
  }
}
