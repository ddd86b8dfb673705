import { afterAll, beforeAll, expect, test } from "vitest";
import { fillTables } from "../bench/many-instances.ts";
import { WatchCalls } from "../bench/watch-calls.ts";
import { startTestFleet, type TestFleet } from "../flows/support.ts";

/** More than a page of the watch, which goes on to the end of a page of DynamoDB's, owners among them. */
const RECORDS = 2400;
const UNJUDGED = 50;

let fleet: TestFleet;
const calls = new WatchCalls();

beforeAll(async () => {
  fleet = await startTestFleet(0, {
    settings: { timeSeries: "dynamodb", sampleIntervalSeconds: 3600 },
    onCall: (call) => calls.onCall(call),
  });
  await fillTables(fleet.aws, RECORDS, UNJUDGED);
}, 180_000);
afterAll(() => fleet.close());

test("a look costs one query for each record, and a query, a decryption and a write more where proofs are due", async () => {
  const { status, output, executionArn = "" } = await fleet.look();
  expect(status).toBe("SUCCEEDED");
  expect(JSON.parse(output ?? "{}")).toMatchObject({
    records: { looked: RECORDS, silent: 0, judged: UNJUDGED },
    findings: { standing: 0, told: 0 },
  });
  const entered = (await fleet.history(executionArn)).map((event) => event.stateEnteredEventDetails?.name);
  expect(entered.filter((name) => name === "LookAtRecords").length).toBeGreaterThan(1);

  const { "look-at-records dynamodb:Scan": scans, ...counted } = calls.take();
  const ofRecords = Object.entries(counted).filter(([what]) => what.startsWith("look-at-records"));
  // EC2 is asked about nobody, no record is read by itself, and nothing is written about those that are well.
  expect(Object.fromEntries(ofRecords)).toEqual({
    "look-at-records dynamodb:Query": RECORDS + UNJUDGED,
    "look-at-records kms:Decrypt": UNJUDGED,
    "look-at-records dynamodb:UpdateItem": UNJUDGED,
  });
  // A record and an owner for each; DynamoDB gives a megabyte at a time, which is more than a thousand of both.
  expect(scans).toBeLessThanOrEqual((2 * RECORDS) / 1000 + 2);
}, 180_000);
