import { QueryCommand, TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import {
  CreateDatabaseCommand,
  CreateTableCommand,
  TimestreamWriteClient,
  type _Record as WriteRecord,
  WriteRecordsCommand,
} from "@aws-sdk/client-timestream-write";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Statement } from "../../src/iam/statement.ts";
import { Timestream } from "../../src/timestream/timestream.ts";
import { type Embedded, instancePrincipal, startEmbedded } from "../http/embedded.ts";

const DATABASE = "test";

/** As AWS is told that an instance may write into the tables of a database. */
const WRITE: Statement = {
  Effect: "Allow",
  Action: ["timestream:WriteRecords", "timestream:DescribeEndpoints"],
  Resource: [`arn:aws:timestream:us-east-1:000000000000:database/${DATABASE}/table/*`],
};

let aws: Embedded;
let writer: TimestreamWriteClient;
let reader: TimestreamQueryClient;
let table = "";
let from = "";
let now = 0;

beforeAll(async () => {
  aws = await startEmbedded((parts) => [new Timestream(parts).service], { statements: [WRITE] });
  writer = new TimestreamWriteClient(aws.config);
  reader = new TimestreamQueryClient(aws.config);
  await writer.send(new CreateDatabaseCommand({ DatabaseName: DATABASE }));
});
afterAll(() => aws.close());
beforeEach(async () => {
  now = Date.now();
  table = `samples-${now}-${Math.floor(performance.now() * 1000)}`;
  from = `"${DATABASE}"."${table}"`;
  await writer.send(new CreateTableCommand({ DatabaseName: DATABASE, TableName: table }));
});

function sample(
  timeMs: number,
  generation: number,
  changes: Partial<WriteRecord> & { instance?: string } = {},
): WriteRecord {
  const { instance = "i-0a1b2c3d", ...rest } = changes;
  return {
    Dimensions: [
      { Name: "ec2InstanceId", Value: instance },
      { Name: "id", Value: "0a1b2c" },
    ],
    MeasureName: "sample",
    MeasureValueType: "MULTI",
    MeasureValues: [
      { Name: "generation", Value: String(generation), Type: "BIGINT" },
      { Name: "hash", Value: `hash-${generation}`, Type: "VARCHAR" },
    ],
    Time: String(timeMs),
    TimeUnit: "MILLISECONDS",
    ...rest,
  };
}

const write = (...records: WriteRecord[]) =>
  writer.send(new WriteRecordsCommand({ DatabaseName: DATABASE, TableName: table, Records: records }));

const ask = (text: string, more: { MaxRows?: number; NextToken?: string } = {}) =>
  reader.send(new QueryCommand({ QueryString: text, ...more }));

async function rows(text: string): Promise<(string | undefined)[][]> {
  const { Rows } = await ask(text);
  return (Rows ?? []).map(({ Data }) => (Data ?? []).map(({ ScalarValue }) => ScalarValue));
}

/** As Timestream writes a moment. */
function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1).replace("T", " ")}000000`;
}

test("SELECT 1 answers, with the type of its column", async () => {
  const { Rows, ColumnInfo, QueryId } = await ask("SELECT 1");
  expect(Rows).toEqual([{ Data: [{ ScalarValue: "1" }] }]);
  expect(ColumnInfo).toEqual([{ Name: "_col0", Type: { ScalarType: "INTEGER" } }]);
  expect(QueryId).toMatch(/^[0-9A-Z]+$/);
});

test("a query finds the samples of one instance, newest first, with their types", async () => {
  const answer = await write(
    sample(now - 2000, 1),
    sample(now - 1000, 2),
    sample(now - 1500, 9, { instance: "i-00000000" }),
  );
  expect(answer.RecordsIngested).toMatchObject({ Total: 3 });
  const { Rows, ColumnInfo } = await ask(
    `SELECT time, generation, hash FROM ${from} WHERE ec2InstanceId = 'i-0a1b2c3d' AND id = '0a1b2c' ` +
      `AND measure_name = 'sample' AND time >= from_milliseconds(${now - 600_000}) AND time <= from_milliseconds(${now}) ` +
      "ORDER BY time DESC LIMIT 200",
  );
  expect(Rows).toEqual([
    { Data: [{ ScalarValue: timestamp(now - 1000) }, { ScalarValue: "2" }, { ScalarValue: "hash-2" }] },
    { Data: [{ ScalarValue: timestamp(now - 2000) }, { ScalarValue: "1" }, { ScalarValue: "hash-1" }] },
  ]);
  expect(ColumnInfo).toEqual([
    { Name: "time", Type: { ScalarType: "TIMESTAMP" } },
    { Name: "generation", Type: { ScalarType: "BIGINT" } },
    { Name: "hash", Type: { ScalarType: "VARCHAR" } },
  ]);
});

test("common attributes complete each record", async () => {
  const { Dimensions, MeasureName, MeasureValueType, ...each } = sample(now, 1);
  await writer.send(
    new WriteRecordsCommand({
      DatabaseName: DATABASE,
      TableName: table,
      CommonAttributes: { Dimensions, MeasureName, MeasureValueType },
      Records: [each, { ...each, Time: String(now - 1) }],
    }),
  );
  expect(await rows(`SELECT count(*) FROM ${from} WHERE id = '0a1b2c'`)).toEqual([["2"]]);
});

test("the types of values are kept: integers of 64 bits, fractions, truth, quotes", async () => {
  const MeasureValues: WriteRecord["MeasureValues"] = [
    { Name: "big", Value: "9223372036854775807", Type: "BIGINT" },
    { Name: "half", Value: "0.5", Type: "DOUBLE" },
    { Name: "whole", Value: "3", Type: "DOUBLE" },
    { Name: "yes", Value: "true", Type: "BOOLEAN" },
    { Name: "text", Value: 'it\'s "ü"', Type: "VARCHAR" },
  ];
  await write(sample(now, 1, { MeasureValues }), sample(now - 1, 1));
  const { Rows, ColumnInfo } = await ask(`SELECT big, half, whole, yes, text FROM ${from} WHERE text = 'it''s "ü"'`);
  expect(Rows?.[0]?.Data?.map(({ ScalarValue }) => ScalarValue)).toEqual([
    "9223372036854775807",
    "0.5",
    "3.0",
    "true",
    'it\'s "ü"',
  ]);
  expect(ColumnInfo?.map(({ Type }) => Type?.ScalarType)).toEqual(["BIGINT", "DOUBLE", "DOUBLE", "BOOLEAN", "VARCHAR"]);
  const { Rows: empty } = await ask(`SELECT big FROM ${from} WHERE generation = 1`);
  expect(empty).toEqual([{ Data: [{ NullValue: true }] }]);
});

test("units of time and single measures", async () => {
  const single = { MeasureValueType: "BIGINT", MeasureValue: "7", MeasureValues: undefined } as const;
  await write(sample(0, 1, { ...single, Time: `${now}001002`, TimeUnit: "NANOSECONDS" }));
  expect(await rows(`SELECT time, measure_value::bigint FROM ${from}`)).toEqual([
    [timestamp(now).replace(/000000$/, "001002"), "7"],
  ]);
});

test("the same record again changes nothing, another value needs a higher version", async () => {
  await write(sample(now, 1));
  await write(sample(now, 1));
  const rejected = await write(sample(now, 2), sample(now - 1, 5)).catch((error) => error);
  expect(rejected).toMatchObject({
    name: "RejectedRecordsException",
    $metadata: { httpStatusCode: 419 },
    RejectedRecords: [{ RecordIndex: 0, ExistingVersion: 1, Reason: expect.stringContaining("higher version") }],
  });
  expect(await rows(`SELECT generation FROM ${from} ORDER BY time`)).toEqual([["5"], ["1"]]);
  await write(sample(now, 3, { Version: 2 }));
  expect(await rows(`SELECT generation FROM ${from} ORDER BY time`)).toEqual([["5"], ["3"]]);
});

test("records too old or too new for the memory store are rejected, the others taken", async () => {
  const rejected = await write(
    sample(now - 7 * 3_600_000, 1),
    sample(now + 20 * 60_000, 2),
    sample(now + 10 * 60_000, 3),
  ).catch((error) => error);
  expect(rejected.RejectedRecords).toMatchObject([{ RecordIndex: 0 }, { RecordIndex: 1 }]);
  expect(rejected.RejectedRecords[0].Reason).toContain("outside the time range");
  expect(await rows(`SELECT generation FROM ${from}`)).toEqual([["3"]]);
});

test("a measure has one type in a table", async () => {
  await write(sample(now, 1));
  const MeasureValues: WriteRecord["MeasureValues"] = [{ Name: "generation", Value: "1", Type: "VARCHAR" }];
  const rejected = await write(sample(now - 1, 1, { MeasureValues })).catch((error) => error);
  expect(rejected.RejectedRecords).toMatchObject([{ RecordIndex: 0, Reason: expect.stringContaining("BIGINT") }]);
});

test.each<[string, Partial<WriteRecord>]>([
  ["no time", { Time: undefined }],
  ["no dimension", { Dimensions: [] }],
  ["no number", { MeasureValues: [{ Name: "generation", Value: "1.5", Type: "BIGINT" }] }],
  ["too big", { MeasureValues: [{ Name: "generation", Value: "9223372036854775808", Type: "BIGINT" }] }],
  ["a reserved name", { Dimensions: [{ Name: "time", Value: "1" }] }],
  ["a name with a quote", { Dimensions: [{ Name: 'a"b', Value: "1" }] }],
  ["the same name twice", { Dimensions: [{ Name: "generation", Value: "1" }] }],
])("a malformed record is refused: %s", async (_what, changes) => {
  await expect(write(sample(now, 1, changes))).rejects.toMatchObject({ name: "ValidationException" });
});

test("rows are counted and grouped, and their greatest values found", async () => {
  await write(sample(now - 3, 1), sample(now - 2, 2), sample(now - 1, 7, { instance: "i-00000000" }));
  const grouped = await rows(
    `SELECT ec2InstanceId, count(*), count(hash), max(time), max(generation), 'x', 1.5 FROM ${from} GROUP BY EC2INSTANCEID`,
  );
  expect(grouped.toSorted()).toEqual([
    ["i-00000000", "1", "1", timestamp(now - 1), "7", "x", "1.5"],
    ["i-0a1b2c3d", "2", "2", timestamp(now - 2), "2", "x", "1.5"],
  ]);
  expect(await rows(`SELECT count(*) FROM ${from} WHERE 1 < generation AND generation <> 7.5`)).toEqual([["2"]]);
  expect(await rows(`SELECT time, count(*) FROM ${from} GROUP BY time ORDER BY time ASC LIMIT 1`)).toEqual([
    [timestamp(now - 3), "1"],
  ]);
});

test("of each group, what it has where another column is greatest is found, in whatever order rows come", async () => {
  const of = (instance: string, ago: number, generation: number) => sample(now - ago, generation, { instance });
  await write(of("i-00000000", 1, 4), of("i-00000000", 3, 9), of("i-0a1b2c3d", 3, 2), of("i-0a1b2c3d", 2, 1));
  const found = await rows(
    `SELECT ec2InstanceId, max(time), max_by(generation, time), max_by(time, generation) FROM ${from} GROUP BY ec2InstanceId`,
  );
  expect(found.toSorted()).toEqual([
    ["i-00000000", timestamp(now - 1), "4", timestamp(now - 3)],
    ["i-0a1b2c3d", timestamp(now - 2), "1", timestamp(now - 3)],
  ]);
  expect(await rows(`SELECT max_by(generation, time) FROM ${from} WHERE generation > 9`)).toEqual([[undefined]]);
  await expect(rows(`SELECT hash, max_by(generation, time) FROM ${from}`)).rejects.toThrow("GROUP BY");
});

test("times are compared with now, ago and from_milliseconds", async () => {
  await write(sample(now - 3_600_000, 1), sample(now - 1000, 2));
  expect(await rows(`SELECT generation FROM ${from} WHERE time > ago(15m) AND time <= now();`)).toEqual([["2"]]);
  expect(await rows(`SELECT generation FROM ${from} WHERE from_milliseconds(${now - 2000}) > time`)).toEqual([["1"]]);
  expect(await rows(`SELECT from_milliseconds(-1)`)).toEqual([["1969-12-31 23:59:59.999000000"]]);
});

test("an answer in pages has every row once, whatever is written meanwhile", async () => {
  await write(...Array.from({ length: 7 }, (_, n) => sample(now - n, n)));
  const text = `SELECT generation FROM ${from} ORDER BY time DESC`;
  const seen: (string | undefined)[] = [];
  let token: string | undefined;
  do {
    const page = await ask(text, { MaxRows: 3, ...(token !== undefined && { NextToken: token }) });
    expect(page.Rows?.length).toBeLessThanOrEqual(3);
    seen.push(...(page.Rows ?? []).map(({ Data }) => Data?.[0]?.ScalarValue));
    token = page.NextToken;
    await write(sample(now + seen.length, 99));
  } while (token !== undefined);
  expect(seen).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
  await expect(ask(text, { NextToken: "NONE.3" })).rejects.toMatchObject({ name: "ValidationException" });
});

test.each([
  ["SELECT none FROM", "", "line 1:8: Column 'none' does not exist"],
  ["SELECT id, count(*) FROM", "", "must be an aggregate expression"],
  ["SELECT count(*) FROM", "ORDER BY time", "must be an aggregate expression"],
  ["SELECT id FROM", "GROUP BY none", "Column 'none' does not exist"],
  ["SELECT id FROM", "WHERE time > 5", "'>' cannot be applied to timestamp, integer"],
  ["SELECT id FROM", "WHERE id = 1", "'=' cannot be applied to varchar, integer"],
])("a query that does not fit the table is refused: %s … %s", async (before, after, message) => {
  await write(sample(now, 1));
  const error = await ask(`${before} ${from} ${after}`).catch((caught) => caught);
  expect(error).toMatchObject({ name: "ValidationException", message: expect.stringContaining(message) });
});

test("databases and tables are described as they are made, and not made twice", async () => {
  const DatabaseName = `another-${now}`;
  const { Database } = await writer.send(new CreateDatabaseCommand({ DatabaseName }));
  expect(Database).toMatchObject({ DatabaseName, TableCount: 0, CreationTime: expect.any(Date) });
  const { Table } = await writer.send(new CreateTableCommand({ DatabaseName, TableName: table }));
  expect(Table).toMatchObject({ TableName: table, TableStatus: "ACTIVE" });
  const again = writer.send(new CreateDatabaseCommand({ DatabaseName }));
  await expect(again).rejects.toMatchObject({ name: "ConflictException" });
  await expect(writer.send(new CreateTableCommand({ DatabaseName: DATABASE, TableName: table }))).rejects.toMatchObject(
    {
      name: "ConflictException",
    },
  );
  const none = { DatabaseName: DATABASE, TableName: "none" };
  const unwritten = new WriteRecordsCommand({ ...none, Records: [sample(now, 1)] });
  await expect(writer.send(unwritten)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

test("an instance may write and not read", async () => {
  const config = aws.configFor(instancePrincipal("i-0a1b2c3d"));
  const own = new TimestreamWriteClient(config);
  await own.send(new WriteRecordsCommand({ DatabaseName: DATABASE, TableName: table, Records: [sample(now, 1)] }));
  const query = new TimestreamQueryClient(config).send(new QueryCommand({ QueryString: "SELECT 1" }));
  await expect(query).rejects.toMatchObject({ name: "AccessDeniedException" });
});
