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
  ["DELETE FROM x", "The query syntax is invalid at line 1:1. The embedded AWS takes one SELECT of columns,"],
  ["SELECT 1; SELECT 2", "The query syntax is invalid at line 1:11"],
  ["SELECT\n1 FROM", "The query syntax is invalid at line 2:7"],
  ["SELECT 'open", "The query syntax is invalid at line 1:8"],
  ["SELECT (SELECT 1)", "The query syntax is invalid at line 1:8"],
  ["SELECT * FROM d.t", "The query syntax is invalid at line 1:8"],
  ["SELECT DISTINCT id FROM d.t", "The query syntax is invalid at line 1:17"],
  ["SELECT id AS other FROM d.t", "The query syntax is invalid at line 1:11"],
  ["SELECT id FROM d.t WHERE id = 'a' OR id = 'b'", "The query syntax is invalid at line 1:35"],
  ["SELECT id FROM d.t WHERE NOT id = 'a'", "The query syntax is invalid at line 1:26"],
  ["SELECT id FROM d.t WHERE (id = 'a')", "The query syntax is invalid at line 1:26"],
  ["SELECT id FROM d.t WHERE id NOT IN ('a', 'b')", "The query syntax is invalid at line 1:29"],
  ["SELECT id FROM d.t WHERE id IN ()", "The query syntax is invalid at line 1:33"],
  ["SELECT id FROM d.t WHERE generation IN (1, 2)", "The query syntax is invalid at line 1:41"],
  ["SELECT id FROM d.t WHERE id IN (SELECT id FROM d.t)", "The query syntax is invalid at line 1:33"],
  ["SELECT id FROM d.t WHERE 'a' IN ('a')", "The query syntax is invalid at line 1:30"],
  ["SELECT id FROM d.t WHERE regexp_like(id, id)", "The query syntax is invalid at line 1:42"],
  ["SELECT id FROM d.t WHERE 1 = length(id)", "Function 'length' is not known here"],
  ["SELECT length(id) FROM d.t", "Function 'length' is not known here"],
  ["SELECT id FROM d.t WHERE regexp_extract(id, 'a') = 'a'", "Function 'regexp_extract' is not known here"],
  ["SELECT id FROM d.t WHERE id IS NULL", "The query syntax is invalid at line 1:29"],
  ["SELECT id FROM d.t WHERE id LIKE 'a%'", "The query syntax is invalid at line 1:29"],
  ["SELECT id FROM d.t WHERE time BETWEEN ago(1h) AND now()", "The query syntax is invalid at line 1:31"],
  ["SELECT id FROM d.t WHERE id", "The query syntax is invalid at line 1:28"],
  ["SELECT count(*) FROM d.t GROUP BY id HAVING count(*) > 1", "The query syntax is invalid at line 1:38"],
  ["SELECT id FROM d.t ORDER BY id", "The query syntax is invalid at line 1:29"],
  ["SELECT time FROM d.t ORDER BY 1", "The query syntax is invalid at line 1:31"],
  ["SELECT count(DISTINCT id) FROM d.t", "The query syntax is invalid at line 1:23"],
  ["SELECT max(count(*)) FROM d.t", "The query syntax is invalid at line 1:17"],
  ["SELECT max_by(id) FROM d.t", "The query syntax is invalid at line 1:17"],
  ["SELECT max_by(id, time, 2) FROM d.t", "The query syntax is invalid at line 1:23"],
  ["SELECT id FROM d.t WHERE count(*) > 1", "Function 'count' is not known here"],
  ["SELECT ago(1)", "The query syntax is invalid at line 1:12"],
  ["SELECT from_milliseconds(0.5)", "The query syntax is invalid at line 1:26"],
  ["SELECT 1 WHERE 1 = 2", "The query syntax is invalid at line 1:10"],
  ["SELECT time", "line 1:8: Column 'time' does not exist"],
  ["SELECT min(time) FROM d.t", "line 1:8: Function 'min' is not known here; only max, max_by, count, ago, now and"],
  ["SELECT load_extension('x')", "Function 'load_extension' is not known here"],
  [`SELECT ${"1, ".repeat(2000)}1`, "more than the 1000 words"],
])("a query that is not known is refused with its place: %s", async (text, message) => {
  const error = await ask(text).catch((caught) => caught);
  expect(error.name).toBe("ValidationException");
  expect(error.message).toContain(message);
});

test("no query reaches the tables of the other services", async () => {
  for (const other of ["credentials", "main.credentials", '"main"."credentials"', "sqlite_master"]) {
    await expect(ask(`SELECT name FROM ${other}`)).rejects.toThrow(/syntax is invalid|does not exist/);
  }
});
