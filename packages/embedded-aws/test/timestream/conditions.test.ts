import { QueryCommand, TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import {
  CreateDatabaseCommand,
  CreateTableCommand,
  TimestreamWriteClient,
  WriteRecordsCommand,
} from "@aws-sdk/client-timestream-write";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Timestream } from "../../src/timestream/timestream.ts";
import { type Embedded, startEmbedded } from "../http/embedded.ts";

const PLACE = { DatabaseName: "test", TableName: "samples" };
const FROM = '"test"."samples"';
/** When the newest of the samples was written; the others some milliseconds before. */
const NOW = Date.now();

/** What was written: so many milliseconds ago, by which host, which hash. */
const SAMPLES = [
  [9, "i-0a1b2c3d", "00ff"],
  [8, "i-0a1b2c3d", "ab12"],
  [7, "i-0a1b2c3d", "ab12\n"],
  [6, "i-0a1b2c3d", "AB12"],
  [5, "i-00000000", "7e57"],
  [4, "i-0fffffff", "7e57"],
] as const;

let aws: Embedded;
let reader: TimestreamQueryClient;

beforeAll(async () => {
  aws = await startEmbedded((parts) => [new Timestream(parts).service]);
  reader = new TimestreamQueryClient(aws.config);
  const writer = new TimestreamWriteClient(aws.config);
  await writer.send(new CreateDatabaseCommand(PLACE));
  await writer.send(new CreateTableCommand(PLACE));
  const Records = SAMPLES.map(([ago, host, hash]) => ({
    Dimensions: [
      { Name: "ec2InstanceId", Value: host },
      { Name: "id", Value: "0a1b2c" },
    ],
    MeasureName: "sample",
    MeasureValueType: "MULTI" as const,
    MeasureValues: [
      { Name: "generation", Value: "1", Type: "BIGINT" as const },
      { Name: "hash", Value: hash, Type: "VARCHAR" as const },
    ],
    Time: String(NOW - ago),
  }));
  await writer.send(new WriteRecordsCommand({ ...PLACE, Records }));
});
afterAll(() => aws.close());

/** As Timestream writes the moment so many milliseconds ago. */
function timestamp(ago: number): string {
  return `${new Date(NOW - ago).toISOString().slice(0, -1).replace("T", " ")}000000`;
}

async function rows(text: string): Promise<(string | undefined)[][]> {
  const { Rows = [] } = await reader.send(new QueryCommand({ QueryString: text }));
  return Rows.map(({ Data = [] }) => Data.map(({ ScalarValue }) => ScalarValue)).toSorted();
}

test.each<[string, [host: string, ago: number][]]>([
  [
    "'i-0a1b2c3d', 'i-00000000', 'i-0fedcba9'",
    [
      ["i-00000000", 5],
      ["i-0a1b2c3d", 8],
    ],
  ],
  ["'i-00000000'", [["i-00000000", 5]]],
  ["'it''s nobody'", []],
])("of several series at once the newest is found, of what has a form: %s", async (hosts, found) => {
  const text =
    `SELECT ec2InstanceId, id, max(time) FROM ${FROM} WHERE ec2InstanceId IN (${hosts}) AND id IN ('0a1b2c') ` +
    `AND length(hash) = 4 AND regexp_like(hash, '[0-9a-f]{4}') AND time <= from_milliseconds(${NOW}) ` +
    "GROUP BY ec2InstanceId, id";
  expect(await rows(text)).toEqual(found.map(([host, ago]) => [host, "0a1b2c", timestamp(ago)]));
});

test.each([
  ["hash IN ('00ff', 'x')", ["00ff"]],
  ["length(hash) > 4", ["ab12\n"]],
  ["regexp_like(hash, 'e5')", ["7e57", "7e57"]],
  ["regexp_like(hash, '[A-F]')", ["AB12"]],
  ["regexp_like(hash, 'f{3}')", []],
])("WHERE %s holds of these", async (condition, hashes) => {
  expect((await rows(`SELECT hash FROM ${FROM} WHERE ${condition}`)).flat()).toEqual(hashes);
});

test.each([
  ["generation IN ('1')", "line 1:50: IN value and list items must be the same type: bigint"],
  ["length(time) = 1", "Unexpected parameters for function length: timestamp"],
  ["length(id) = '6'", "'=' cannot be applied to bigint, varchar"],
  ["length(none) = 6", "Column 'none' does not exist"],
  ["none IN ('a')", "Column 'none' does not exist"],
  ["regexp_like(time, '1')", "Unexpected parameters for function regexp_like: timestamp"],
  ["regexp_like(id, '^a$')", "The pattern '^a$' is not known here; letters and digits are"],
  ["regexp_like(id, 'a|b')", "The pattern 'a|b' is not known here"],
])("WHERE %s does not fit, or is not known", async (condition, message) => {
  const error = await rows(`SELECT id FROM ${FROM} WHERE ${condition}`).catch((caught) => caught);
  expect(error).toMatchObject({ name: "ValidationException", message: expect.stringContaining(message) });
});
