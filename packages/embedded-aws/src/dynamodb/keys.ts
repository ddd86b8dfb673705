/** A table as dynalite keeps it: what its keys are. */
export interface Table extends WithSchema {
  TableStatus: string;
  GlobalSecondaryIndexes?: WithSchema[];
  LocalSecondaryIndexes?: WithSchema[];
}
interface WithSchema {
  IndexName?: string;
  KeySchema: { AttributeName: string; KeyType: "HASH" | "RANGE" }[];
  Projection?: { ProjectionType: string; NonKeyAttributes?: string[] };
}
type Value = { S?: string; B?: string };
export type Item = Record<string, Value | undefined>;

/** What an operation's input says of keys, after dynalite has read it. */
export interface WithKeys {
  Item?: Item;
  Key?: Item;
  ExclusiveStartKey?: Item;
  KeyConditions?: Record<string, { AttributeValueList: Value[] }>;
}

const INVALID = "One or more parameter values were invalid:";
const NOT_VALID = "One or more parameter values are not valid.";
const LONGEST = { HASH: 2048, RANGE: 1024 };
const TOO_LONG = {
  HASH: `${INVALID} Size of hashkey has exceeded the maximum size limit of2048 bytes`,
  RANGE: `${INVALID} Aggregated size of all range keys has exceeded the size limit of 1024 bytes`,
};

/**
 * What dynalite lets pass: it counts the characters of keys, and not their bytes, and takes an index's key that is empty.
 *
 * @returns DynamoDB's message, or nothing where all is well
 */
export function keyFault(table: Table, { Item, Key, ExclusiveStartKey, KeyConditions = {} }: WithKeys) {
  for (const item of [Item, Key, ExclusiveStartKey]) {
    const fault = item && itemFault(table, item, "put");
    if (fault !== undefined) return fault;
  }
  for (const [name, { AttributeValueList }] of Object.entries(KeyConditions)) {
    for (const value of AttributeValueList) {
      const fault = itemFault(table, { [name]: value }, "asked for");
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

/** The same of one item, or of what is there of it. */
export function itemFault(table: Table, item: Item, way: "put" | "updated" | "asked for"): string | undefined {
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])];
  for (const { IndexName, KeySchema } of [table, ...indexes]) {
    for (const { AttributeName: name, KeyType } of KeySchema) {
      const { S, B } = item[name] ?? {};
      if (S === undefined && B === undefined) continue;
      const bytes = S === undefined ? Buffer.byteLength(B ?? "", "base64") : Buffer.byteLength(S);
      if (bytes > LONGEST[KeyType]) return TOO_LONG[KeyType];
      // dynalite itself sees to it that a table's own key is not empty.
      if (bytes > 0 || (IndexName === undefined && way !== "asked for")) continue;
      const empty = `The AttributeValue for a key attribute cannot contain an empty ${S === undefined ? "binary" : "string"} value.`;
      if (way === "asked for") return `${NOT_VALID} ${empty} Key: ${name}`;
      const unsupported = "secondary index key to a value that is not supported.";
      if (way === "updated") return `The update expression attempted to update a ${unsupported} ${empty}`;
      const specified = "A value specified for a secondary index key is not supported.";
      return `${NOT_VALID} ${specified} ${empty} IndexName: ${IndexName}, IndexKey: ${name}`;
    }
  }
  return undefined;
}
