import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { expect, test } from "vitest";
import { timestreamSeries } from "../../../functions/clients/time-series.timestream.ts";
import { EC2, ID, NOW, OTHER_EC2 } from "../support.ts";
import { answering, json } from "./answering.ts";

const ENDPOINTS = json({ Endpoints: [{ Address: "query.any", CachePeriodInMinutes: 1440 }] });
const WINDOW = { from: NOW - 1000, to: NOW };

/** A page of rows of texts, and the token of the next one. */
function page(rows: string[][], NextToken?: string) {
  return json({ Rows: rows.map((row) => ({ Data: row.map((ScalarValue) => ({ ScalarValue })) })), NextToken });
}

test("the newest of many comes of one query for two hundred of them, in pages", async () => {
  const asked: string[] = [];
  const who = Array.from({ length: 201 }, (_, n) => ({
    id: String(n).padStart(6, "0"),
    ec2InstanceId: `i-${String(n).padStart(17, "0")}`,
  }));
  const row = (n: number) => [who[n]?.ec2InstanceId ?? "", who[n]?.id ?? "", "2026-11-20 02:59:59.123000000"];
  const answers = [ENDPOINTS, page([row(0)], "more"), page([]), page([row(200)])];
  const client = new TimestreamQueryClient(answering(answers, asked));
  const newest = await timestreamSeries(client, { database: "database", table: "table" }).newest(who, WINDOW);
  expect(newest).toEqual(
    new Map([
      ["000000", NOW - 877],
      ["000200", NOW - 877],
    ]),
  );
  const queries = asked.slice(1).map((body) => JSON.parse(body));
  expect(queries.map(({ NextToken }) => NextToken)).toEqual([undefined, "more", undefined]);
  expect(queries[0].QueryString).toBe(queries[1].QueryString);
  expect(queries[0].QueryString).not.toContain("000200");
  expect(queries[2].QueryString).toBe(
    'SELECT ec2InstanceId, id, max(time) FROM "database"."table" ' +
      "WHERE ec2InstanceId IN ('i-00000000000000200') AND id IN ('000200') AND measure_name = 'sample' " +
      `AND time >= from_milliseconds(${NOW - 1000}) AND time <= from_milliseconds(${NOW}) ` +
      "AND generation >= 1 AND generation <= 9007199254740991 " +
      "AND length(hash) = 64 AND regexp_like(hash, '[0-9a-f]{64}') GROUP BY ec2InstanceId, id",
  );
});

test("what one of the hosts wrote under another's ID is not that one's", async () => {
  const time = "2026-11-20 02:59:59.000000000";
  const answers = [ENDPOINTS, page([[OTHER_EC2, ID, time]])];
  const client = new TimestreamQueryClient(answering(answers));
  const who = [
    { id: ID, ec2InstanceId: EC2 },
    { id: "ffffff", ec2InstanceId: OTHER_EC2 },
  ];
  const series = timestreamSeries(client, { database: "database", table: "table" });
  expect(await series.newest(who, WINDOW)).toEqual(new Map());
});

test("before any sample was written, none is the newest", async () => {
  const message = "line 1:8: Column 'ec2InstanceId' does not exist";
  const answers = [ENDPOINTS, { ...json({ __type: "ValidationException", message }), statusCode: 400 }];
  const client = new TimestreamQueryClient(answering(answers));
  const series = timestreamSeries(client, { database: "database", table: "table" });
  expect(await series.newest([{ id: ID, ec2InstanceId: EC2 }], WINDOW)).toEqual(new Map());
});
