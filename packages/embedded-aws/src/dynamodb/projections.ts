import type { Table } from "./keys.ts";

/** What the input of a Query or Scan says of attributes, after dynalite has read it. */
export interface WithAttributes {
  IndexName?: string;
  AttributesToGet?: string[];
  _projection?: { paths: string[][] };
  QueryFilter?: object;
  ScanFilter?: object;
  _filter?: { pathHeads: object };
}

/**
 * What dynalite lets pass: a read of a global index that asks for attributes which were never copied into it. dynalite
 * answers as if no item had them.
 *
 * @returns DynamoDB's message, or nothing where all is well
 */
export function projectionFault(table: Table, input: WithAttributes): string | undefined {
  const index = table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === input.IndexName);
  if (index === undefined || index.Projection?.ProjectionType === "ALL") return undefined;
  const keys = [...table.KeySchema, ...index.KeySchema].map(({ AttributeName }) => AttributeName);
  const there = [...keys, ...(index.Projection?.NonKeyAttributes ?? [])];
  const missing = (names: (string | undefined)[]) => [...new Set(names)].filter((name) => !there.includes(name ?? ""));

  const asked = missing(input._projection?.paths.map(([head]) => head) ?? input.AttributesToGet ?? []).join(", ");
  const invalid = "One or more parameter values were invalid:";
  if (asked) return `${invalid} Global secondary index ${index.IndexName} does not project [${asked}]`;
  const filters = input._filter?.pathHeads ?? input.QueryFilter ?? input.ScanFilter ?? {};
  const filtered = missing(Object.keys(filters)).join(", ");
  if (!filtered) return undefined;
  return `${invalid} Secondary index ${index.IndexName} does not project one or more filter attributes: [${filtered}]`;
}
