import type { Service } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { Queries } from "./query.ts";
import { Tables, tableArn } from "./tables.ts";
import { Writer } from "./write.ts";

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
      needs(operation, input: { DatabaseName?: string; TableName?: string; QueryString?: string }) {
        if (operation === "Query") return queries.needs(input);
        if (operation !== "WriteRecords") return undefined;
        const { DatabaseName = "", TableName = "" } = input;
        return [{ action: "timestream:WriteRecords", resource: tableArn(DatabaseName, TableName) }];
      },
    };
  }
}
