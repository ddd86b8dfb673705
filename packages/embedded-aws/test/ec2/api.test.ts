import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeInstancesCommand,
  type EC2Client,
  type Reservation,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEc2 } from "./harness.ts";

const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
const ec2 = openEc2(folder);
let client: EC2Client;
let closeServer: () => Promise<void>;

beforeAll(async () => {
  ({ client, close: closeServer } = await ec2.client());
});

afterAll(async () => {
  await closeServer();
  await ec2.close();
  rmSync(folder, { recursive: true });
});

async function launch(): Promise<string> {
  const command = new RunInstancesCommand({ MinCount: 1, MaxCount: 1 });
  const { Instances = [] } = await client.send(command);
  await ec2.instances.settled();
  return Instances[0]?.InstanceId ?? "";
}

async function stateOf(id: string): Promise<string | undefined> {
  const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations?.[0]?.Instances?.[0]?.State?.Name;
}

test("a launched instance runs and is described", async () => {
  const id = await launch();
  expect(id).toMatch(/^i-[0-9a-f]{17}$/);
  const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  expect(Reservations).toMatchObject([
    {
      OwnerId: "000000000000",
      Instances: [
        {
          InstanceId: id,
          State: { Code: 16, Name: "running" },
          PrivateIpAddress: expect.stringMatching(/^10\.0\.\d+\.\d+$/),
          InstanceType: "t2.micro",
          LaunchTime: expect.any(Date),
          IamInstanceProfile: { Arn: "arn:aws:iam::000000000000:instance-profile/Tester" },
          Tags: [{ Key: "team", Value: "keys" }],
        },
      ],
    },
  ]);
});

test("what one call launched is one reservation", async () => {
  const run = () => client.send(new RunInstancesCommand({ MinCount: 2, MaxCount: 2 }));
  const launched = [await run(), await run()];
  await ec2.instances.settled();
  const grouped = launched.map(({ ReservationId, Instances = [] }) => ({
    ReservationId,
    ids: Instances.map(({ InstanceId }) => InstanceId ?? ""),
  }));
  const InstanceIds = grouped.flatMap(({ ids }) => ids);
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({ InstanceIds }));
  expect(
    Reservations.map(({ ReservationId, Instances = [] }) => ({
      ReservationId,
      ids: Instances.map(({ InstanceId }) => InstanceId),
    })),
  ).toEqual(grouped);
  expect(new Set(grouped.map(({ ReservationId }) => ReservationId)).size).toBe(2);
});

test("an instance is stopped, started and terminated, and each state is an event", async () => {
  const id = await launch();
  const stop = await client.send(new StopInstancesCommand({ InstanceIds: [id] }));
  expect(stop.StoppingInstances).toEqual([
    { InstanceId: id, PreviousState: { Code: 16, Name: "running" }, CurrentState: { Code: 64, Name: "stopping" } },
  ]);
  await ec2.instances.settled();
  expect(await stateOf(id)).toBe("stopped");
  const start = await client.send(new StartInstancesCommand({ InstanceIds: [id] }));
  expect(start.StartingInstances).toMatchObject([{ PreviousState: { Name: "stopped" }, CurrentState: { Code: 0 } }]);
  await ec2.instances.settled();
  const end = await client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  expect(end.TerminatingInstances).toMatchObject([{ CurrentState: { Code: 32, Name: "shutting-down" } }]);
  await ec2.instances.settled();
  expect(await stateOf(id)).toBe("terminated");
  const own = ec2.events.filter(({ detail }) => detail["instance-id"] === id);
  expect(own.map(({ detail }) => detail.state)).toEqual([
    ...["pending", "running", "stopping", "stopped"],
    ...["pending", "running", "shutting-down", "terminated"],
  ]);
  expect(own[0]).toEqual({
    source: "aws.ec2",
    "detail-type": "EC2 Instance State-change Notification",
    resources: [`arn:aws:ec2:us-east-1:000000000000:instance/${id}`],
    detail: { "instance-id": id, state: "pending" },
  });
});

test("the launch time is that of the last start", async () => {
  const id = await launch();
  const launchTime = async () => {
    const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Number(Reservations?.[0]?.Instances?.[0]?.LaunchTime);
  };
  const first = await launchTime();
  await client.send(new StopInstancesCommand({ InstanceIds: [id] }));
  await ec2.instances.settled();
  expect(await launchTime()).toBe(first);
  const restarted = Math.floor(Date.now() / 1000) * 1000;
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await client.send(new StartInstancesCommand({ InstanceIds: [id] }));
  await ec2.instances.settled();
  expect(await launchTime()).toBeGreaterThan(Math.max(first, restarted));
});

test("stopping what is stopped changes nothing; starting what is terminated is refused", async () => {
  const id = await launch();
  await client.send(new StopInstancesCommand({ InstanceIds: [id] }));
  await ec2.instances.settled();
  const again = await client.send(new StopInstancesCommand({ InstanceIds: [id] }));
  expect(again.StoppingInstances).toMatchObject([
    { PreviousState: { Name: "stopped" }, CurrentState: { Name: "stopped" } },
  ]);
  await client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  await ec2.instances.settled();
  await expect(client.send(new StartInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
    name: "IncorrectInstanceState",
  });
});

const idsOf = (Reservations: Reservation[] = []) =>
  Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId = "" }) => InstanceId));

async function described(...Filters: { Name: string; Values: string[] }[]): Promise<string[]> {
  const { Reservations } = await client.send(new DescribeInstancesCommand({ Filters }));
  return idsOf(Reservations);
}

test("instances are filtered by their state", async () => {
  const id = await launch();
  expect(await described({ Name: "instance-state-name", Values: ["running", "pending"] })).toContain(id);
  expect(await described({ Name: "instance-state-name", Values: ["stopped"] })).not.toContain(id);
});

test("instances are filtered by their IDs, of which one that nobody has is no error", async () => {
  const ids = [await launch(), await launch()];
  expect(await described({ Name: "instance-id", Values: [...ids, "i-0123456789abcdef0"] })).toEqual(ids);
  expect(await described({ Name: "instance-id", Values: ["i-0123456789abcdef0"] })).toEqual([]);
});

test("instances are filtered by a tag, and by all filters together", async () => {
  const id = await launch();
  const only = { Name: "instance-id", Values: [id] };
  expect(await described(only, { Name: "tag:team", Values: ["locks", "keys"] })).toEqual([id]);
  expect(await described(only, { Name: "tag:team", Values: ["Keys"] })).toEqual([]);
  expect(await described(only, { Name: "tag:none", Values: [""] })).toEqual([]);
  expect(await described({ Name: "tag:team", Values: ["keys"] }, { ...only, Values: ["i-0"] })).toEqual([]);
});

test("instances come in pages, each once, whatever is launched or stopped meanwhile", async () => {
  const launched = await Promise.all(Array.from({ length: 7 }, launch));
  const Filters = [
    { Name: "instance-state-name", Values: ["running"] },
    { Name: "instance-id", Values: launched },
  ];
  const first = await client.send(new DescribeInstancesCommand({ Filters, MaxResults: 5 }));
  const shown = idsOf(first.Reservations);
  expect(shown).toHaveLength(5);
  await client.send(new StopInstancesCommand({ InstanceIds: shown }));
  await launch();
  const { NextToken } = first;
  const second = await client.send(new DescribeInstancesCommand({ Filters, MaxResults: 5, NextToken }));
  expect(second.NextToken).toBeUndefined();
  expect([...shown, ...idsOf(second.Reservations)].toSorted()).toEqual(launched.toSorted());
  // Neither is there a next page where this one is just full.
  const full = [{ Name: "instance-id", Values: launched.slice(0, 5) }];
  expect((await client.send(new DescribeInstancesCommand({ Filters: full, MaxResults: 5 }))).NextToken).toBeUndefined();
});

test.each([
  [{ MaxResults: 4 }, "InvalidParameterValue", "Value ( 4 ) for parameter maxResults is invalid. Expecting a value"],
  [{ MaxResults: 1001 }, "InvalidParameterValue", "Value ( 1001 ) for parameter maxResults is invalid."],
  [
    { MaxResults: 5, InstanceIds: ["i-0123456789abcdef0"] },
    "InvalidParameterCombination",
    "The parameter instancesSet cannot be used with the parameter maxResults",
  ],
  [{ NextToken: "none" }, "InvalidParameterValue", "Invalid value 'none' for nextToken"],
  [{ Filters: [{ Name: "vpc-id", Values: ["x"] }] }, "InvalidParameterValue", "The filter 'vpc-id' is invalid"],
  [{ Filters: [{ Name: "tag:team", Values: ["k*"] }] }, "InvalidParameterValue", "The filter value 'k*' is invalid"],
  [
    {
      Filters: [
        { Name: "instance-state-name", Values: ["running"] },
        { Name: "instance-id", Values: Array.from({ length: 200 }, (_, n) => `i-${n}`) },
      ],
    },
    "FilterLimitExceeded",
    "The maximum number of filter values specified on a single call is 200",
  ],
])("a description is refused that asks for %j", async (input, name, message) => {
  const refused = client.send(new DescribeInstancesCommand(input));
  await expect(refused).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
});

test("an ID that nobody has, one that is none, and what is not known here are refused", async () => {
  const describe = (input: object) => client.send(new DescribeInstancesCommand(input));
  await expect(describe({ InstanceIds: ["i-0123456789abcdef0"] })).rejects.toMatchObject({
    name: "InvalidInstanceID.NotFound",
    message: "The instance ID 'i-0123456789abcdef0' does not exist",
  });
  await expect(describe({ InstanceIds: ["i-xyz"] })).rejects.toMatchObject({
    name: "InvalidInstanceID.Malformed",
    message: 'Invalid id: "i-xyz"',
  });
  await expect(describe({ DryRun: true })).rejects.toMatchObject({ name: "UnknownParameter" });
});
