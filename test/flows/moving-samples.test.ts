import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { ACCOUNT, type BusEvent, PARTITION } from "embedded-aws";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { VERSION } from "../../agent/version.ts";
import { dynamoSeries } from "../../functions/clients/time-series.dynamodb.ts";
import { timestreamSeries } from "../../functions/clients/time-series.timestream.ts";
import type { TimeSeries } from "../../functions/clients/time-series.ts";
import { NAMES } from "../../infra/wiring.ts";
import type { LocalSettings } from "../../local/deploy-data.ts";
import { deploy } from "../../local/fleet.ts";
import type { SeriesStore } from "../../protocol/index.ts";
import { keyFolder, SETTINGS, startTestFleet, type TestFleet, until } from "./support.ts";

// `timeSeries` is changed while a fleet runs, as docs/deploying.md says (Changing it), from one store to the other and back.

const settings = { ...SETTINGS, watchSeconds: { looks: 3600, proofs: 1 } };
const AGENTS = 3;

let fleet: TestFleet;
let stores: Record<SeriesStore, TimeSeries>;
let events: BusEvent[] = [];

beforeAll(async () => {
  fleet = await startTestFleet(AGENTS, { settings, onEvent: (event) => void events.push(event) });
  const { endpoint, region, credentials } = fleet.aws;
  const config = { endpoint, region, credentials };
  const owner = { partition: PARTITION, account: ACCOUNT };
  stores = {
    dynamodb: dynamoSeries(new DynamoDBClient(config), { table: NAMES.seriesTable, ...owner }),
    timestream: timestreamSeries(new TimestreamQueryClient(config), {
      database: NAMES.timestreamDatabase,
      table: NAMES.timestreamTable,
    }),
  };
});
afterAll(() => fleet.close());
beforeEach(() => {
  events = [];
});

function redeploy(changes: Partial<LocalSettings>): Promise<void> {
  return deploy(fleet.aws, { settings: { ...settings, ...changes }, scheduleSeconds: 3600 });
}

/** Waits until each instance has written to a store since now. */
async function allWriteTo(store: SeriesStore): Promise<void> {
  const from = Date.now();
  for (const { id, ec2InstanceId } of await fleet.records()) {
    const window = { id, ec2InstanceId, from, to: from + 60_000, limit: 1 };
    await until(async () => (await stores[store].read(window)).length > 0, `a sample of ${id} in ${store}`);
  }
}

/** The agent ends, as when a later one was installed, and systemd starts the one that is there now. */
async function restartAgents(): Promise<void> {
  for (const { ec2InstanceId } of await fleet.records()) {
    process.kill(JSON.parse(readFileSync(join(keyFolder(fleet.aws, ec2InstanceId), "progress.json"), "utf8")).pid);
  }
}

/** Every key is turned by a rotation, and the watch, which judges everybody, finds nothing. */
async function allIsWell(): Promise<void> {
  for (const { id, current } of await fleet.records()) {
    const { output, cause } = await fleet.rotate(id);
    expect(JSON.parse(output ?? "{}"), cause).toMatchObject({ outcome: "ROTATED", generation: current.generation + 1 });
  }
  const { status, output } = await fleet.look();
  expect([status, JSON.parse(output ?? "{}").records]).toEqual([
    "SUCCEEDED",
    { looked: AGENTS, silent: 0, judged: AGENTS },
  ]);
  expect(events.filter((event) => event["detail-type"] === "Finding Opened")).toEqual([]);
  expect(fleet.aws.inbox.list()).toEqual([]);
}

test.each([
  ["timestream", "dynamodb"],
  ["dynamodb", "timestream"],
] as const)(
  "samples move from %s to %s under a fleet that runs, and nobody falls silent",
  async (former, present) => {
    await allWriteTo(former);
    await redeploy({ timeSeries: present, formerTimeSeries: former });
    // Nobody has registered since: all are read where they were.
    await allWriteTo(former);
    await allIsWell();

    await restartAgents();
    await allWriteTo(present);
    await allIsWell();
    for (const { agentVersion } of await fleet.records()) expect(agentVersion).toBe(VERSION);

    await redeploy({ timeSeries: present });
    await allWriteTo(present);
    await allIsWell();
  },
  120_000,
);

test("without the window agents are refused where they write, register again and follow by themselves", async () => {
  await redeploy({ timeSeries: "dynamodb" });
  await allWriteTo("dynamodb");
  await allIsWell();
  for (const { id } of await fleet.records()) {
    expect(events.filter(({ detail }) => detail.id === id && detail.flag === "update")).toHaveLength(1);
  }
}, 120_000);
