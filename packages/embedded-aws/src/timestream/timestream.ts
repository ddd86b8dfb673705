import { readJson } from "../http/json.ts";
import type { Service } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { arnOf } from "../place.ts";
import { Queries } from "./query.ts";
import { Tables } from "./tables.ts";
import { Writer } from "./write.ts";

/** The ARN of the table that a call of the write API names. */
function tableOf(input: unknown): string {
  const { DatabaseName, TableName } = input as { DatabaseName?: string; TableName?: string };
  return arnOf("timestream", `database/${DatabaseName}/table/${TableName}`);
}

/** Timestream: its write and its query API, which share one name. */
export class Timestream {
  readonly service: Service;

  constructor(parts: Parts) {
    const tables = new Tables(parts);
    const writer = new Writer(parts, tables);
    const queries = new Queries(parts, tables);
    this.service = {
      signingName: "timestream",
      protocol: { kind: "json", version: "1.0" },
      operations: {
        // Clients put the address where the host stood and keep the port: a port here would be one too many.
        DescribeEndpoints: () => ({ Endpoints: [{ Address: "127.0.0.1", CachePeriodInMinutes: 1440 }] }),
        CreateDatabase: (input: unknown) => tables.createDatabase(input),
        CreateTable: (input: unknown) => tables.createTable(input),
        WriteRecords: (input: unknown) => writer.writeRecords(input),
        Query: (input: unknown) => queries.query(input),
      },
      concern: (operation, { body }) => (operation === "WriteRecords" ? { resource: tableOf(readJson(body)) } : {}),
    };
  }
}
