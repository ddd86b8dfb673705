import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { CallContext, Operation } from "../../src/http/service.ts";
import type { Parts } from "../../src/parts.ts";
import { Store } from "../../src/store.ts";
import { planQuery } from "../../src/timestream/plan.ts";
import { Tables } from "../../src/timestream/tables.ts";
import { Timestream } from "../../src/timestream/timestream.ts";

const NOW = 1_763_600_600_000;
const CONTEXT: CallContext = { principal: { kind: "operator", arn: "", userId: "" }, requestId: "" };

function open(folder?: string, now = () => NOW): { timestream: Timestream; parts: Parts } {
  const clock = { now, after: () => () => {} };
  const parts: Parts = { store: new Store(folder), clock, random: randomBytes, log: () => {} };
  return { timestream: new Timestream(parts), parts };
}

function makeTable(timestream: Timestream): void {
  call(timestream, "CreateDatabase", { DatabaseName: "shop" });
  const RetentionProperties = { MemoryStoreRetentionPeriodInHours: 1, MagneticStoreRetentionPeriodInDays: 1 };
  call(timestream, "CreateTable", { DatabaseName: "shop", TableName: "samples", RetentionProperties });
}

function call(timestream: Timestream, name: string, input: unknown): unknown {
  return (timestream.service.operations[name] as Operation)(input as never, CONTEXT);
}

function write(timestream: Timestream, instance: string, times: number[]): void {
  call(timestream, "WriteRecords", {
    DatabaseName: "shop",
    TableName: "samples",
    CommonAttributes: {
      Dimensions: [
        { Name: "ec2InstanceId", Value: instance },
        { Name: "id", Value: "0a1b2c" },
      ],
      MeasureName: "sample",
      MeasureValueType: "MULTI",
      MeasureValues: [{ Name: "generation", Value: "1", Type: "BIGINT" }],
    },
    Records: times.map((time) => ({ Time: String(time) })),
  });
}

test("the newest samples of one instance are an index look-up, not a scan or a sort", () => {
  const { timestream, parts } = open();
  makeTable(timestream);
  for (let n = 0; n < 20; n += 1) write(timestream, `i-${n}`, [NOW - 1, NOW - 2]);
  const { text, parameters } = planQuery(
    "SELECT time, generation FROM shop.samples WHERE ec2InstanceId = 'i-7' AND id = '0a1b2c' AND measure_name = 'sample' " +
      `AND time >= from_milliseconds(${NOW - 60_000}) ORDER BY time DESC LIMIT 10`,
    new Tables(parts),
    parts,
  );
  const steps = parts.store.db.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...parameters);
  expect(steps.map(({ detail }) => detail)).toEqual([
    "SEARCH s USING INTEGER PRIMARY KEY (rowid=?)",
    "SEARCH r USING PRIMARY KEY (seriesId=? AND time>?)",
  ]);
});

test("what was written is there when the process starts again", () => {
  const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const before = open(folder);
  makeTable(before.timestream);
  write(before.timestream, "i-1", [NOW]);
  before.parts.store.close();
  const after = open(folder);
  onTestFinished(() => after.parts.store.close());
  expect(call(after.timestream, "Query", { QueryString: "SELECT time FROM shop.samples" })).toMatchObject({
    Rows: [{ Data: [{ ScalarValue: "2025-11-20 01:03:20.000000000" }] }],
  });
});

test("records beyond the retention are dropped as new ones come", () => {
  let now = NOW;
  const { timestream } = open(undefined, () => now);
  makeTable(timestream);
  write(timestream, "i-1", [NOW]);
  now += 25 * 3_600_000;
  write(timestream, "i-1", [now]);
  expect(call(timestream, "Query", { QueryString: "SELECT count(*) FROM shop.samples" })).toMatchObject({
    Rows: [{ Data: [{ ScalarValue: "1" }] }],
  });
});
