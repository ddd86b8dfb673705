import { arnAt } from "./arn.ts";
import { FORMS } from "./forms.ts";
import type { Sample } from "./messages.ts";

/** Where samples may be kept: Amazon Timestream, or a DynamoDB table. */
export const SERIES_STORES = ["timestream", "dynamodb"] as const;
export type SeriesStore = (typeof SERIES_STORES)[number];

/**
 * Where samples go: all that a writer needs to know beside the credentials that it has. The answer to a registration says
 * it, so that agents follow when the store is changed.
 */
export type SampleStore = { kind: "timestream"; database: string; table: string } | { kind: "dynamodb"; table: string };

/**
 * Reads where samples go, as another version or a file may have it.
 *
 * @returns undefined for a store that is not known, or that has not its form
 */
export function readSampleStore(value: unknown): SampleStore | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, database, table } = value as Record<string, unknown>;
  if (!isTableName(table)) return undefined;
  if (kind === "dynamodb") return { kind, table };
  return kind === "timestream" && isTableName(database) ? { kind, database, table } : undefined;
}

function isTableName(value: unknown): value is string {
  return typeof value === "string" && FORMS.tableName.test(value);
}

/** How long a sample is kept; verification looks back some minutes only. */
export const SAMPLES_KEPT_DAYS = 7;

/** Which part of AWS, which Region and which account the fleet is in. */
export interface FleetPlace {
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  partition: string;
  region: string;
  /** 12 digits. */
  account: string;
}

/** An instance's ARN, as EC2 and IAM write it in every partition. */
export function instanceArn(place: FleetPlace, ec2InstanceId: string): string {
  return arnAt(place, "ec2", `instance/${ec2InstanceId}`);
}

/**
 * How a sample lies in DynamoDB. The partition key is the instance's ARN: AWS knows the caller's, so that a policy can
 * hold each instance to its own. The sort key is `seriesKey`: a host's samples under one ID are read by themselves, and
 * never overwritten by those under another. Use proofs lie in the same table, under keys that no sample has: `uses.ts`.
 */
export const DYNAMODB = {
  partitionKey: { name: "instanceArn", type: "S" },
  sortKey: { name: "idAndTime", type: "S" },
  /** By which DynamoDB deletes an item, in seconds since 1970. */
  expiry: "expiresAt",
  /** What IAM puts in the place of the caller's own ARN: what the partition key of its items must be. */
  ownPartitionKey: "${ec2:SourceInstanceARN}",
} as const;

/** An item of the DynamoDB table; its names are those of `DYNAMODB` and of the sample's fields. */
export interface SeriesItem extends Pick<Sample, "generation" | "hash"> {
  instanceArn: string;
  idAndTime: string;
  expiresAt: number;
}

const TIME_DIGITS = 13; // until the year 2286

/**
 * The sort key of a sample, e.g. `0a1b2c#1763596800123`: keys of one ID are in the order of their times.
 *
 * @param timeMs milliseconds since 1970; a time that no sample has becomes the nearest that one may have
 */
export function seriesKey({ id, timeMs }: Pick<Sample, "id" | "timeMs">): string {
  const time = Math.min(Math.max(Math.floor(timeMs), 0), 10 ** TIME_DIGITS - 1);
  return `${id}#${String(time).padStart(TIME_DIGITS, "0")}`;
}

/** The time in a sort key, in milliseconds since 1970; undefined if it is none, which anybody may have written. */
export function timeOfSeriesKey(key: unknown): number | undefined {
  const time = typeof key === "string" ? /^[0-9a-f]{6}#(\d{13})$/.exec(key)?.[1] : undefined;
  return time === undefined ? undefined : Number(time);
}

/** The item that a sample becomes in DynamoDB. */
export function itemOf(sample: Sample, place: FleetPlace): SeriesItem {
  return {
    instanceArn: instanceArn(place, sample.ec2InstanceId),
    idAndTime: seriesKey(sample),
    generation: sample.generation,
    hash: sample.hash,
    expiresAt: Math.floor(sample.timeMs / 1000) + SAMPLES_KEPT_DAYS * 86_400,
  };
}

/** How a sample lies in Timestream (a use proof, in the same table: `uses.ts`): the names of its dimensions and measures, beside Timestream's own column `time`. */
export const TIMESTREAM = {
  measureName: "sample",
  dimensions: ["ec2InstanceId", "id"],
  measures: { generation: "BIGINT", hash: "VARCHAR" },
} as const satisfies {
  measureName: string;
  dimensions: (keyof Sample)[];
  measures: { [field in keyof Sample]?: string };
};

/** The multi-measure record that a sample becomes in Timestream, as its `WriteRecords` takes it. */
export function recordOf(sample: Sample) {
  const measures = Object.entries(TIMESTREAM.measures) as [keyof typeof TIMESTREAM.measures, "BIGINT" | "VARCHAR"][];
  return {
    Dimensions: TIMESTREAM.dimensions.map((name) => ({ Name: name, Value: sample[name] })),
    MeasureName: TIMESTREAM.measureName,
    MeasureValueType: "MULTI" as const,
    MeasureValues: measures.map(([name, type]) => ({ Name: name, Value: String(sample[name]), Type: type })),
    Time: String(sample.timeMs),
    TimeUnit: "MILLISECONDS" as const,
    // Should two samples bear the same millisecond, the one with the newer key stays.
    Version: sample.generation,
  };
}
