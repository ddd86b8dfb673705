import { z } from "zod";
import { AwsError } from "../http/service.ts";
import type { ScalarType } from "./tables.ts";

const NAME = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_.-]{0,255}$/, "must begin with a letter and have letters, digits, '_', '.' and '-'")
  .refine((name) => !RESERVED.has(name.toLowerCase()), "is a reserved name");
const RESERVED = new Set(["time", "measure_name", "measure_value", "ts"]);

const MEASURE_TYPE = z.enum(["DOUBLE", "BIGINT", "VARCHAR", "BOOLEAN"]);
const DIMENSION = z.strictObject({
  Name: NAME,
  Value: z.string().min(1).max(2048),
  DimensionValueType: z.literal("VARCHAR").optional(),
});

/** A record as it is sent; what it leaves out may stand in the common attributes. */
const SENT = z.strictObject({
  Dimensions: z.array(DIMENSION).max(128).optional(),
  MeasureName: z.string().min(1).max(256).optional(),
  MeasureValue: z.string().max(2048).optional(),
  MeasureValueType: z.enum([...MEASURE_TYPE.options, "MULTI"]).optional(),
  Time: z
    .string()
    .regex(/^\d{1,19}$/, "must be a whole number")
    .optional(),
  TimeUnit: z.enum(["MILLISECONDS", "SECONDS", "MICROSECONDS", "NANOSECONDS"]).optional(),
  Version: z.int().min(1).optional(),
  MeasureValues: z
    .array(z.strictObject({ Name: NAME, Value: z.string().min(1).max(2048), Type: MEASURE_TYPE }))
    .optional(),
});

export const WRITE_RECORDS = z.strictObject({
  DatabaseName: z.string(),
  TableName: z.string(),
  Records: z.array(SENT).min(1).max(100),
  CommonAttributes: SENT.optional(),
});

export type SentRecord = z.infer<typeof SENT>;

export interface Measure {
  name: string;
  type: ScalarType;
  /** The value in JSON. */
  json: string;
}

/** A record with everything it needs. */
export interface TimedRecord {
  /** In the order of their names. */
  dimensions: [name: string, value: string][];
  measureName: string;
  /** Nanoseconds since 1970. */
  time: bigint;
  version: number;
  measures: Measure[];
}

const NANOSECONDS = { SECONDS: 1_000_000_000n, MILLISECONDS: 1_000_000n, MICROSECONDS: 1_000n, NANOSECONDS: 1n };

/**
 * Completes a record by the common attributes.
 *
 * @throws AwsError ValidationException when something is missing or a value is not of its type
 */
export function completeRecord(sent: SentRecord, common: SentRecord = {}): TimedRecord {
  const record = { ...common, ...sent };
  const dimensions = [...(common.Dimensions ?? []), ...(sent.Dimensions ?? [])];
  const measures = measuresOf(record);
  const names = new Set([...dimensions.map(({ Name }) => Name), ...measures.map(({ name }) => name)]);
  if (dimensions.length === 0) throw invalid("At least one dimension is required for a record.");
  if (names.size < dimensions.length + measures.length) {
    throw invalid("A record has two dimensions or measures of the same name.");
  }
  if (record.Time === undefined) throw invalid("Time is required for a record.");
  if (record.MeasureName === undefined) throw invalid("MeasureName is required for a record.");
  return {
    dimensions: dimensions
      .map(({ Name, Value }): [string, string] => [Name, Value])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
    measureName: record.MeasureName,
    time: BigInt(record.Time) * NANOSECONDS[record.TimeUnit ?? "MILLISECONDS"],
    version: record.Version ?? 1,
    measures,
  };
}

function measuresOf(record: SentRecord): Measure[] {
  if (record.MeasureValueType === "MULTI") {
    const values = record.MeasureValues ?? [];
    if (values.length === 0) throw invalid("MeasureValues are required for a record of the type MULTI.");
    if (record.MeasureValue !== undefined) throw invalid("MeasureValue is not allowed in a record of the type MULTI.");
    const measures = values.map(({ Name, Value, Type }) => ({ name: Name, type: Type, json: jsonOf(Value, Type) }));
    return measures.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  const type = record.MeasureValueType ?? "DOUBLE";
  if (record.MeasureValue === undefined) throw invalid("MeasureValue is required for a record.");
  if (record.MeasureValues !== undefined)
    throw invalid("MeasureValues are allowed only in a record of the type MULTI.");
  return [{ name: `measure_value::${type.toLowerCase()}`, type, json: jsonOf(record.MeasureValue, type) }];
}

function jsonOf(value: string, type: ScalarType): string {
  if (type === "VARCHAR") return JSON.stringify(value);
  if (type === "BOOLEAN" && /^(true|false)$/i.test(value)) return value.toLowerCase();
  if (type === "BIGINT" && /^-?\d{1,19}$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value)) {
    return String(BigInt(value));
  }
  if (type === "DOUBLE" && value.trim() !== "" && Number.isFinite(Number(value))) return String(Number(value));
  throw invalid(`A measure value is not a valid ${type}.`);
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}
