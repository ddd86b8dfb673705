import type { Parts } from "../parts.ts";
import { Compiler } from "./compile.ts";
import { type Expression, hasAggregate, parseQuery, type Select } from "./parse.ts";
import { join, type Sql, type Type } from "./sql.ts";
import type { Column, Table, Tables } from "./tables.ts";
import { queryError } from "./tokens.ts";

/** A query ready to run. */
export interface Plan {
  sql: Sql;
  columns: { name: string; type: Type }[];
}

/**
 * Plans a query: parses it, checks it against the table, and says it in SQLite's SQL, in which values are parameters
 * and no table but the two of the time series can be named.
 *
 * @throws AwsError ValidationException or ResourceNotFoundException
 */
export function planQuery(query: string, tables: Tables, parts: Parts): Plan {
  const select = parseQuery(query);
  const table = select.from && tables.find(select.from.database, select.from.table);
  const columns = table ? [...RECORD_COLUMNS, ...tables.columns(table)] : [];
  if (!table && select.where) throw queryError(query, select.where.at, "A WHERE without FROM is not known here");
  const compiler = new Compiler(query, columns, parts.clock.now());
  const items = itemsOf(select, query, columns);
  const groupBy = select.groupBy.map((one) => inItems(one, items, query));
  const orderBy = select.orderBy.map((one) => ({ ...one, value: inItems(one.value, items, query) }));
  checkGrouping([...items.map(({ value }) => value), ...orderBy.map(({ value }) => value)], groupBy, query);
  const results = items.map(({ value, name }) => ({ name, sql: compiler.compile(value) }));
  for (const { sql } of results) {
    if (sql.type === "INTERVAL") throw queryError(query, 1, "A duration cannot be a result here");
  }
  const list = results.flatMap(({ sql }, index) => [index === 0 ? "" : ", ", sql, ` AS c${index}`]);
  const pieces: (string | Sql)[] = [select.distinct ? "SELECT DISTINCT " : "SELECT ", ...list];
  if (table) {
    pieces.push(" FROM timestream_records r JOIN timestream_series s ON s.id = r.seriesId WHERE ");
    pieces.push(seriesFilter(table, select.where, columns, parts));
    if (select.where) pieces.push(" AND ", compiler.where(select.where));
  }
  groupBy.forEach((one, index) => {
    pieces.push(index === 0 ? " GROUP BY " : ", ", compiler.compile(one));
  });
  orderBy.forEach(({ value, descending }, index) => {
    // As in Timestream, what has no value comes last either way.
    const direction = descending ? " DESC NULLS LAST" : " ASC NULLS LAST";
    pieces.push(index === 0 ? " ORDER BY " : ", ", compiler.compile(value), direction);
  });
  if (select.limit !== undefined) pieces.push(` LIMIT ${select.limit}`);
  return { sql: join("UNKNOWN", ...pieces), columns: results.map(({ name, sql }) => ({ name, type: sql.type })) };
}

/** What every record has. */
const RECORD_COLUMNS: Column[] = [
  { name: "measure_name", kind: "record", type: "VARCHAR" },
  { name: "time", kind: "record", type: "TIMESTAMP" },
];

interface Item {
  name: string;
  value: Expression;
}

function itemsOf({ items, from }: Select, query: string, columns: Column[]): Item[] {
  if (items !== "*") {
    return items.map(({ value, alias }, index) => {
      const name = alias ?? (value.kind === "column" ? value.name : `_col${index}`);
      return { name, value };
    });
  }
  if (from === undefined) throw queryError(query, 1, "SELECT * not allowed in queries without FROM clause");
  const named = (kind: Column["kind"]) => columns.filter((column) => column.kind === kind).map(({ name }) => name);
  const names = [...named("dimension"), ...named("record"), ...named("measure")];
  return names.map((name) => ({ name, value: { kind: "column", name, at: 1 } }));
}

/** `ORDER BY 1` and `ORDER BY alias` mean an item of the list. */
function inItems(value: Expression, items: Item[], query: string): Expression {
  if (value.kind === "column") return items.find(({ name }) => name === value.name)?.value ?? value;
  if (value.kind !== "number") return value;
  const item = items[Number(value.value) - 1];
  if (item === undefined) throw queryError(query, value.at, `Position ${value.value} is not in select list`);
  return item.value;
}

/** Beside aggregates, only what the rows are grouped by has one value for each group. */
function checkGrouping(values: Expression[], groupBy: Expression[], query: string): void {
  for (const one of groupBy) {
    if (hasAggregate(one)) throw queryError(query, one.at, "GROUP BY clause cannot contain aggregations");
  }
  const grouped = new Set(groupBy.map(sameness));
  if (grouped.size === 0 && !values.some(hasAggregate)) return;
  for (const value of values) {
    if (hasAggregate(value) || grouped.has(sameness(value)) || isConstant(value)) continue;
    throw queryError(query, value.at, "An expression must be an aggregate expression or appear in GROUP BY clause");
  }
}

/** Equal for expressions that are the same but for where they stand. */
function sameness(expression: Expression): string {
  return JSON.stringify(expression, (key, value) => (key === "at" ? undefined : value));
}

function isConstant({ kind }: Expression): boolean {
  return kind === "text" || kind === "number" || kind === "boolean" || kind === "null";
}

/**
 * Only the series that can fit: what the condition says of dimensions by `=` is looked up first, so that the records of
 * one series, which lie in the order of time, are read by their index.
 */
function seriesFilter(table: Table, where: Expression | undefined, columns: Column[], parts: Parts): Sql {
  const dimensions = new Set(columns.filter(({ kind }) => kind === "dimension").map(({ name }) => name));
  const wanted = where ? equalities(where).filter(([name]) => dimensions.has(name)) : [];
  if (wanted.length === 0) return { text: "s.tableId = ?", parameters: [table.id], type: "BOOLEAN" };
  const one = "SELECT seriesId FROM timestream_dimensions WHERE tableId = ? AND name = ? AND value = ?";
  const ids = parts.store.db
    .prepare(wanted.map(() => one).join(" INTERSECT "))
    .all(...wanted.flatMap(([name, value]) => [table.id, name, value]))
    .map(({ seriesId }) => Number(seriesId));
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) return { text: "r.seriesId = ?", parameters: [only], type: "BOOLEAN" };
  return { text: "r.seriesId IN (SELECT value FROM json_each(?))", parameters: [JSON.stringify(ids)], type: "BOOLEAN" };
}

/** The columns that must equal a text for `where` to hold. */
function equalities(where: Expression): [name: string, value: string][] {
  if (where.kind === "logic" && where.operator === "AND")
    return [...equalities(where.left), ...equalities(where.right)];
  if (where.kind !== "compare" || where.operator !== "=") return [];
  const { left, right } = where;
  if (left.kind === "column" && right.kind === "text") return [[left.name, right.value]];
  if (right.kind === "column" && left.kind === "text") return [[right.name, left.value]];
  return [];
}
