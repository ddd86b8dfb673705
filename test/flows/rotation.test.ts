import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CallRecord } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROTATION_CALLS, ROTATION_PATH } from "../../infra/costs.ts";
import { keyFolder, startTestFleet, type TestFleet, until } from "./support.ts";

let fleet: TestFleet;
const calls: CallRecord[] = [];

beforeAll(async () => {
  fleet = await startTestFleet(2, { onCall: (call) => calls.push(call), settings: { sampleIntervalSeconds: 60 } });
});
afterAll(() => fleet.close());

const daemonOf = (ec2InstanceId: string): number =>
  JSON.parse(readFileSync(join(keyFolder(fleet.aws, ec2InstanceId), "progress.json"), "utf8")).pid;

test("a rotation ends with the same new key on the instance and in the record", async () => {
  const [before] = await fleet.records();
  if (before === undefined) throw new Error("no instance has registered");
  const first = fleet.keyFile(before.ec2InstanceId);
  const execution = await fleet.rotate(before.id);
  expect(execution.status).toBe("SUCCEEDED");
  expect(JSON.parse(execution.output ?? "")).toMatchObject({ outcome: "ROTATED", id: before.id, generation: 2 });

  const second = fleet.keyFile(before.ec2InstanceId);
  const record = await fleet.record(before.id);
  expect(second.generation).toBe(2);
  expect(second.key).not.toBe(first.key);
  expect(record.current).toMatchObject({ generation: 2 });
  expect(record.pending).toBeUndefined();
  expect(second.key).toBe(
    createHash("sha256")
      .update(first.key + record.current.nonce)
      .digest("hex"),
  );
});

test("a rotation makes the calls and transitions that its costs count, and the instance three calls more", async () => {
  const [record] = await fleet.records();
  if (record === undefined) throw new Error("no instance has registered");
  // The daemons write their samples whenever their interval has it; only the turn's are to be counted.
  const daemons = (await fleet.records()).map(({ ec2InstanceId }) => daemonOf(ec2InstanceId));
  for (const pid of daemons) process.kill(pid, "SIGSTOP");
  calls.length = 0;
  const executionArn = await fleet.start({ id: record.id });
  await fleet.ended(executionArn).finally(() => {
    for (const pid of daemons) process.kill(pid, "SIGCONT");
  });
  const made = (kind: string) =>
    calls.filter((call) => call.principal.kind === kind).map((call) => `${call.service}:${call.operation}`);

  const message = "infra/costs.ts, ROTATION_CALLS: list the calls that are made, in order, since each is paid for";
  expect(["states:StartExecution", ...made("lambda")], message).toEqual(ROTATION_CALLS);
  // The turn is a process of its own: it fetches its ticket, and asks for Timestream's endpoint before it writes.
  const more =
    "If the instance makes another call in a rotation, see whether infra/costs.ts must count it, and name it here";
  expect(made("instance"), more).toEqual([
    "dynamodb:GetItem",
    "timestream:DescribeEndpoints",
    "timestream:WriteRecords",
  ]);

  const history = await fleet.history(executionArn);
  const entered = history.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  expect(entered, "infra/costs.ts, ROTATION_PATH: list the states that a rotation enters, in order").toEqual(
    ROTATION_PATH,
  );
});

test("two rotations of one instance at once end with one new key", async () => {
  const [record] = await fleet.records();
  if (record === undefined) throw new Error("no instance has registered");
  const ends = await Promise.all([fleet.rotate(record.id), fleet.rotate(record.id), fleet.rotate(record.id)]);
  const outcomes = ends.map((end) => JSON.parse(end.output ?? "{}").outcome);
  expect(outcomes).toContain("ROTATED");
  expect(new Set(outcomes)).toEqual(new Set(outcomes.filter((one) => one === "ROTATED" || one === "SUPERSEDED")));
  const after = await fleet.record(record.id);
  expect(after.current.generation).toBe(fleet.keyFile(record.ec2InstanceId).generation);
  expect(after.pending).toBeUndefined();
});

test("an event on Keyturn's bus turns one instance", async () => {
  const [, record] = await fleet.records();
  if (record === undefined) throw new Error("a second instance has not registered");
  const { PutEventsCommand, EventBridgeClient } = await import("@aws-sdk/client-eventbridge");
  const { endpoint, region, credentials } = fleet.aws;
  await new EventBridgeClient({ endpoint, region, credentials }).send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: "keyturn",
          Source: "on-call",
          DetailType: "Rotation Requested",
          Detail: JSON.stringify({ id: record.id }),
        },
      ],
    }),
  );
  await until(
    async () => (await fleet.record(record.id)).current.generation === record.current.generation + 1,
    "the rotation that the event asks for",
  );
});
