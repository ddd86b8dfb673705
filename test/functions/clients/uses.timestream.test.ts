import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { expect, test } from "vitest";
import { timestreamUses } from "../../../functions/clients/uses.timestream.ts";
import { EC2, hex64Of, NOW } from "../support.ts";
import { answering, json, type WireAnswer } from "./answering.ts";

const ENDPOINTS = json({ Endpoints: [{ Address: "query.any", CachePeriodInMinutes: 1440 }] });
const VERSION = "7d9b318d-7543-4923-813d-660b51a4553f";

/** A page of rows of texts, and the token of the next one. */
function page(rows: string[][], NextToken?: string) {
  return json({ Rows: rows.map((row) => ({ Data: row.map((ScalarValue) => ({ ScalarValue })) })), NextToken });
}

/** What is answered where nobody has written by a role yet. */
const NO_ROLES = {
  ...json({ __type: "ValidationException", message: "line 1:8: Column 'role' does not exist" }),
  statusCode: 400,
};

function read(answers: WireAnswer[], { asked = [], most = 2 }: { asked?: string[]; most?: number } = {}) {
  const client = new TimestreamQueryClient(answering([ENDPOINTS, ...answers, NO_ROLES], asked));
  const uses = timestreamUses(client, { database: "database", table: "table" }, most);
  return uses.of("orders/db", { from: NOW - 1000.5, to: NOW });
}

const row = (consumer: string, at = "2026-11-20 02:59:59.123000000") => [EC2, consumer, VERSION, at, hex64Of("proof")];

test("one query groups by instance, consumer and version, and one by role, and each gives one row more than are read", async () => {
  const asked: string[] = [];
  const uses = await read([page([row("web-1")], "more"), page([row("web-2", "2026-11-20 03:00:00.000000000")])], {
    asked,
  });
  expect(uses.map(({ consumer, timeMs }) => [consumer, timeMs])).toEqual([
    ["web-2", NOW],
    ["web-1", NOW - 877],
  ]);
  const [first, second, third] = asked.slice(1).map((body) => JSON.parse(body));
  expect(first.QueryString).toBe(
    'SELECT ec2InstanceId, consumer, versionId, max(time), max_by(proof, time) FROM "database"."table" ' +
      "WHERE secret = 'orders/db' AND measure_name = 'use' " +
      `AND time >= from_milliseconds(${NOW - 1000}) AND time <= from_milliseconds(${NOW}) ` +
      "AND ec2InstanceId <> '' AND length(proof) = 64 AND regexp_like(proof, '[0-9a-f]{64}') " +
      "GROUP BY ec2InstanceId, consumer, versionId LIMIT 3",
  );
  expect(second).toMatchObject({ QueryString: first.QueryString, NextToken: "more" });
  expect(third).toMatchObject({ QueryString: first.QueryString.replaceAll("ec2InstanceId", "role") });
});

test("more rows than are read are told of", async () => {
  const flood = page([row("web-1"), row("web-2"), row("no form")]);
  await expect(read([flood])).rejects.toMatchObject({ name: "TooManyUses" });
});

test("before any use was written there is none; whatever else is wrong is thrown", async () => {
  const refused = (message: string) => ({ ...json({ __type: "ValidationException", message }), statusCode: 400 });
  expect(await read([refused("line 1:8: Column 'secret' does not exist")])).toEqual([]);
  await expect(read([refused("The query is malformed.")])).rejects.toThrow("The query is malformed.");
});
