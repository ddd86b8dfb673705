import { QueryCommand, TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Timestream } from "../../src/timestream/timestream.ts";
import { type Embedded, startEmbedded } from "../http/embedded.ts";

let aws: Embedded;
let reader: TimestreamQueryClient;

beforeAll(async () => {
  aws = await startEmbedded((parts) => [new Timestream(parts).service]);
  reader = new TimestreamQueryClient(aws.config);
});
afterAll(() => aws.close());

const ask = (text: string) => reader.send(new QueryCommand({ QueryString: text }));

test.each([
  ["DELETE FROM x", "The query syntax is invalid at line 1:1"],
  ["SELECT 1; SELECT 2", "The query syntax is invalid at line 1:11"],
  ["SELECT\n1 FROM", "The query syntax is invalid at line 2:7"],
  ["SELECT 'open", "The query syntax is invalid at line 1:8"],
  ["SELECT (SELECT 1)", "The query syntax is invalid at line 1:9"],
  ["SELECT time", "line 1:8: Column 'time' does not exist"],
  ["SELECT 1 WHERE 1 = 2", "WHERE without FROM"],
  ["SELECT load_extension('x')", "Function 'load_extension' is not known here"],
  ["SELECT 'a' = 1", "'=' cannot be applied to varchar, integer"],
  ["SELECT max(count(*))", "Cannot nest aggregations"],
  [`SELECT ${"(".repeat(2000)}1`, "more than the 1000 words"],
])("a query that is not known is refused with its place: %s", async (text, message) => {
  const error = await ask(text).catch((caught) => caught);
  expect(error.name).toBe("ValidationException");
  expect(error.message).toContain(message);
});

test("no query reaches the tables of the other services", async () => {
  for (const other of ["credentials", "main.credentials", '"main"."credentials"', "sqlite_master"]) {
    await expect(ask(`SELECT * FROM ${other}`)).rejects.toThrow(/syntax is invalid|does not exist/);
  }
});
