import type { Parts } from "../parts.ts";
import {
  type ColumnName,
  type Condition,
  type Item,
  type Length,
  type Operand,
  parseQuery,
  type Select,
} from "./parse.ts";
import { isKnownPattern, PATTERNS } from "./pattern.ts";
import type { Column, ScalarType, Table, Tables } from "./tables.ts";
import { queryError } from "./tokens.ts";

type SqlValue = string | number | bigint;

/** A query ready to run: SQLite's SQL, in which only names and signs from here stand, and all values are parameters. */
export interface Plan {
  text: string;
  parameters: SqlValue[];
  columns: { name: string; type: ScalarType }[];
}

/** A piece of a plan's SQL that has a value. */
interface Value {
  text: string;
  parameters: SqlValue[];
  type: ScalarType;
}

/** What every record has. */
const RECORD_COLUMNS: Column[] = [
  { name: "measure_name", kind: "record", type: "VARCHAR" },
  { name: "time", kind: "record", type: "TIMESTAMP" },
];
const AGGREGATES: string[] = ["max", "max_by", "count"] satisfies Item["kind"][];
const NUMERIC = new Set<ScalarType>(["INTEGER", "BIGINT", "DOUBLE"]);

/**
 * Plans a query: parses it, checks it against the table, and says it in SQLite's SQL, in which no table but those of the
 * time series can be named.
 *
 * @throws AwsError ValidationException or ResourceNotFoundException
 */
export function planQuery(query: string, tables: Tables, parts: Parts): Plan {
  const select = parseQuery(query, parts.clock.now());
  const table = select.from && tables.find(select.from.database, select.from.table);
  const planner = new Planner(query, table ? [...RECORD_COLUMNS, ...tables.columns(table)] : []);
  planner.checkGrouping(select);
  const items = select.items.map((item) => planner.item(item));
  const columns = select.items.map((item, index) => ({
    name: item.kind === "column" ? item.name : `_col${index}`,
    type: items[index]?.type ?? "VARCHAR",
  }));
  const selected = items.map(({ text }, index) => `${text} AS c${index}`).join(", ");
  const parameters = items.flatMap((item) => item.parameters);
  if (!table) return { text: `SELECT ${selected}`, parameters, columns };
  const conditions = [
    seriesFilter(table, select.where, planner, parts),
    ...select.where.map((condition) => planner.condition(condition)),
  ];
  const { groupBy, orderByTime, limit } = select;
  const clauses = [
    `SELECT ${selected} FROM timestream_records r JOIN timestream_series s ON s.id = r.seriesId`,
    `WHERE ${conditions.map(({ text }) => text).join(" AND ")}`,
    ...(groupBy.length > 0 ? [`GROUP BY ${groupBy.map((column) => planner.operand(column).text).join(", ")}`] : []),
    ...(orderByTime !== undefined ? [`ORDER BY r.time ${orderByTime.direction}`] : []),
    ...(limit !== undefined ? [`LIMIT ${limit}`] : []),
  ];
  return {
    text: clauses.join(" "),
    parameters: [...parameters, ...conditions.flatMap((condition) => condition.parameters)],
    columns,
  };
}

/** Says the pieces of a query in SQLite's SQL, over `r` (timestream_records) and `s` (timestream_series). */
class Planner {
  readonly #query: string;
  readonly #columns: Column[];

  constructor(query: string, columns: Column[]) {
    this.#query = query;
    this.#columns = columns;
  }

  item(item: Item): Value {
    if (item.kind === "max") {
      const of = this.operand(item.of);
      return { ...of, text: `max(${of.text})` };
    }
    if (item.kind === "max_by") {
      const of = this.operand(item.of);
      return { ...of, text: `max_by(${of.text}, ${this.operand(item.by).text})` };
    }
    if (item.kind !== "count") return this.operand(item);
    return {
      text: `count(${item.of === undefined ? "*" : this.operand(item.of).text})`,
      parameters: [],
      type: "BIGINT",
    };
  }

  /** @throws AwsError ValidationException when a column is not there */
  operand(operand: Operand): Value {
    if (operand.kind === "text") return { text: "?", parameters: [operand.value], type: "VARCHAR" };
    if (operand.kind === "moment") return { text: "?", parameters: [operand.value], type: "TIMESTAMP" };
    if (operand.kind === "number") return numberOf(operand.value);
    const { name, kind, type } = this.column(operand);
    if (kind === "record") return { text: name === "time" ? "r.time" : "s.measureName", parameters: [], type };
    // What a column may be called (record.ts) leaves out quotes, so its name can stand in the path.
    const json = kind === "dimension" ? "s.dimensions" : "r.measures";
    return { text: `json_extract(${json}, '$."${name}"')`, parameters: [], type };
  }

  /** The column that a query means; Timestream's names know no case. */
  column({ name, at }: ColumnName): Column {
    const lower = name.toLowerCase();
    const column =
      this.#columns.find((one) => one.name === name) ?? this.#columns.find((one) => one.name.toLowerCase() === lower);
    if (column === undefined) throw queryError(this.#query, at, `Column '${name}' does not exist`);
    return column;
  }

  condition(condition: Condition): Omit<Value, "type"> {
    if (condition.kind === "in") {
      const of = this.#text(condition.of, condition.at, "IN value and list items must be the same type");
      return { text: `${of.text} IN (SELECT value FROM json_each(?))`, parameters: [JSON.stringify(condition.values)] };
    }
    if (condition.kind === "regexp_like") {
      const of = this.#text(condition.of, condition.at, "Unexpected parameters for function regexp_like");
      if (!isKnownPattern(condition.pattern)) {
        const message = `The pattern '${condition.pattern}' is not known here; ${PATTERNS}`;
        throw queryError(this.#query, condition.at, message);
      }
      return { text: `regexp_like(${of.text}, ?)`, parameters: [condition.pattern] };
    }
    const { left, operator, right, at } = condition;
    const [one, other] = [left.kind === "length" ? this.#length(left) : this.operand(left), this.operand(right)];
    if (one.type !== other.type && !(NUMERIC.has(one.type) && NUMERIC.has(other.type))) {
      const types = `${one.type.toLowerCase()}, ${other.type.toLowerCase()}`;
      throw queryError(this.#query, at, `'${operator}' cannot be applied to ${types}`);
    }
    return { text: `${one.text} ${operator} ${other.text}`, parameters: [...one.parameters, ...other.parameters] };
  }

  #length({ of, at }: Length): Value {
    const { text } = this.#text(of, at, "Unexpected parameters for function length");
    return { text: `length(${text})`, parameters: [], type: "BIGINT" };
  }

  /** A column that must hold texts. */
  #text(name: ColumnName, at: number, otherwise: string): Value {
    const of = this.operand(name);
    if (of.type !== "VARCHAR") throw queryError(this.#query, at, `${otherwise}: ${of.type.toLowerCase()}`);
    return of;
  }

  /** Beside the aggregates, only what the rows are grouped by has one value for each group. */
  checkGrouping({ items, groupBy, orderByTime }: Select): void {
    if (groupBy.length === 0 && !items.some(({ kind }) => AGGREGATES.includes(kind))) return;
    const grouped = new Set(groupBy.map((column) => this.column(column).name));
    const time: ColumnName[] = orderByTime === undefined ? [] : [{ kind: "column", name: "time", at: orderByTime.at }];
    for (const item of [...items, ...time]) {
      if (item.kind !== "column" || grouped.has(this.column(item).name)) continue;
      const message = "An expression must be an aggregate expression or appear in GROUP BY clause";
      throw queryError(this.#query, item.at, message);
    }
  }
}

function numberOf(value: string): Value {
  if (value.includes(".")) return { text: "?", parameters: [Number(value)], type: "DOUBLE" };
  const whole = BigInt(value);
  return { text: "?", parameters: [whole], type: BigInt.asIntN(32, whole) === whole ? "INTEGER" : "BIGINT" };
}

/**
 * Only the series that can fit: what the condition says of dimensions by `=` and `IN` is looked up first, so that the
 * records of one series, which lie in the order of time, are read by their index.
 */
function seriesFilter(table: Table, where: Condition[], planner: Planner, parts: Parts): Omit<Value, "type"> {
  const wanted = where.flatMap((condition) => {
    const { name, values } = valuesOf(condition);
    if (name === undefined) return [];
    const column = planner.column(name);
    return column.kind === "dimension" ? [[column.name, JSON.stringify(values)] as const] : [];
  });
  if (wanted.length === 0) return { text: "s.tableId = ?", parameters: [table.id] };
  const one =
    "SELECT seriesId FROM timestream_dimensions WHERE tableId = ? AND name = ? AND value IN (SELECT value FROM json_each(?))";
  const ids = parts.store.db
    .prepare(wanted.map(() => one).join(" INTERSECT "))
    .all(...wanted.flatMap(([name, values]) => [table.id, name, values]))
    .map(({ seriesId }) => Number(seriesId));
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) return { text: "r.seriesId = ?", parameters: [only] };
  return { text: "r.seriesId IN (SELECT value FROM json_each(?))", parameters: [JSON.stringify(ids)] };
}

/** The column that a condition holds to certain texts, if it does, and these. */
function valuesOf(condition: Condition): { name?: ColumnName; values: string[] } {
  if (condition.kind === "in") return { name: condition.of, values: condition.values };
  if (condition.kind !== "comparison" || condition.operator !== "=") return { values: [] };
  const { left, right } = condition;
  const [name, value] = left.kind === "column" ? [left, right] : [right, left];
  return name.kind === "column" && value.kind === "text" ? { name, values: [value.value] } : { values: [] };
}
